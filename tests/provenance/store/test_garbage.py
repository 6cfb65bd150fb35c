"""What the store keeps, and what it lets go."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from layeratlas.errors import StoreError
from layeratlas.provenance.record.keeping import keep, keep_bytes
from layeratlas.provenance.store.garbage import collect_garbage
from layeratlas.provenance.store.objects import find_object, objects
from layeratlas.storage import publish

pytestmark = pytest.mark.usefixtures("quick_capture", "own_scratch")


@pytest.fixture
def own_scratch(tmp_path, monkeypatch):
    """What other processes were killed over is no garbage of these tests."""
    (folder := tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


def test_every_version_is_kept_and_what_nothing_refers_to_is_garbage(project, run):
    first = run.cube(1)
    old_figure = run.figure("one")
    second = run.cube(2)
    third = run.cube(3)
    assert set(objects()["digest"]) == {first, second, third, old_figure}
    # The figure that stands was drawn from the first cube; nothing came of the second.
    (row,) = collect_garbage().to_dict("records")
    assert (row["digest"], row["removed"]) == (second, False)
    assert row["freed"] == row["size"] == find_object(second).stat().st_size
    assert len(objects()) == 4, "a dry run removes nothing"
    assert list(collect_garbage(apply=True)["digest"]) == [second]
    with pytest.raises(StoreError, match="garbage collection removed it"):
        find_object(second)
    new_figure = run.figure("two")
    assert set(collect_garbage(apply=True)["digest"]) == {first, old_figure}
    assert set(objects()["digest"]) == {third, new_figure}
    assert collect_garbage().empty


def test_a_file_without_its_record_still_holds_its_object(project, run, tools):
    publish(tools.numbers(1), "results/smoke/cubes/b.zarr.zip", objects="store/objects")
    assert collect_garbage().empty
    Path("results/smoke/cubes/b.json").unlink()
    assert collect_garbage().empty, "its bytes say it"


def test_uncommitted_code_is_never_garbage(project, run, tools, monkeypatch):
    from layeratlas.provenance.record import recording

    code = recording.capture_code(project, None, None)
    changes = Path("changes.diff")
    changes.write_text("+ B = 1\n")
    digest = keep(changes, project)
    kept = keep_bytes(b"the code itself", ".tar", project)
    changed = code.model_copy(update={"diff": digest, "kept": kept})
    monkeypatch.setattr(recording, "capture_code", lambda *a: changed)
    run.cube(1)
    monkeypatch.setattr(recording, "capture_code", lambda *a: code)
    run.cube(1)
    assert collect_garbage(apply=True).empty


def test_with_an_unreadable_record_nothing_is_removed(project, run):
    run.cube(1)
    run.cube(2)
    record = sorted(Path("provenance/records").rglob("*.json"))[0]
    record.write_text(record.read_text()[:100])
    assert len(collect_garbage()) == 1
    with pytest.raises(StoreError, match=r"nothing was removed.*is not whole JSON"):
        collect_garbage(apply=True)
    assert len(objects()) == 2


def test_what_killed_writers_left_goes_too(project, run):
    run.cube(1)
    run.cube(2)
    left = Path("store/objects/.x.zarr.zip.00000000-1-abc.tmp")
    left.touch()
    collect_garbage(apply=True)
    assert left.exists(), "another host's writer may still be alive"
    os.utime(left, (0, 0))
    collect_garbage(apply=True)
    assert not left.exists()
