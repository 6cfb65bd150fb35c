"""What the store keeps, and what it lets go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from layeratlas.errors import StoreError
from layeratlas.provenance.store.objects import (
    collect_garbage,
    find_object,
    keep,
    objects,
    pin,
    pins,
    unpin,
)
from layeratlas.storage import publish
from layeratlas.workflow.frame import job

pytestmark = pytest.mark.usefixtures("quick_capture")


@pytest.fixture
def run(project, tools):
    """Run the cube's job, or the figure's, in a given version; returns digests."""

    class Run:
        @staticmethod
        def cube(version: int) -> str:
            snakemake = tools.cube_job("a")
            with job(snakemake):
                made = publish(
                    tools.numbers(version), snakemake.output.cube, objects="store/objects"
                )
            return made.digest

        @staticmethod
        def figure(text: str) -> str:
            snakemake = tools.job_object(
                "draw_figure",
                inputs={"cubes": ["results/smoke/cubes/a.zarr.zip"]},
                outputs={"figure": ["figures/f.pdf"]},
            )
            with job(snakemake):
                Path("figures").mkdir(exist_ok=True)
                Path("figures/f.pdf").write_text(text)
            (path,) = [p for p in Path("store/objects").glob("*.pdf") if p.read_text() == text]
            return path.name[:64]

    return Run


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


def test_a_pinned_figure_keeps_its_cube(project, run):
    cube, figure = run.cube(1), run.figure("one")
    run.cube(2)
    run.figure("two")
    assert set(collect_garbage()["digest"]) == {cube, figure}
    assert pin(figure[:8], "submitted") == figure
    assert pins() == {figure: "submitted"}
    assert collect_garbage(apply=True).empty
    unpin("submitted")
    assert set(collect_garbage()["digest"]) == {cube, figure}
    with pytest.raises(StoreError, match="nothing is pinned"):
        unpin("submitted")


def test_a_file_without_its_record_still_holds_its_object(project, run, tools):
    publish(tools.numbers(1), "results/smoke/cubes/b.zarr.zip", objects="store/objects")
    assert collect_garbage().empty
    Path("results/smoke/cubes/b.json").unlink()
    assert collect_garbage().empty, "the link says it"


def test_uncommitted_code_is_never_garbage(project, run, tools, monkeypatch):
    from layeratlas.provenance.record import recording

    code = recording.capture_code(project, None, None)
    changes = Path("changes.diff")
    changes.write_text("+ B = 1\n")
    digest = keep(changes, project)
    monkeypatch.setattr(
        recording, "capture_code", lambda *a: code.model_copy(update={"diff": digest})
    )
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
    with pytest.raises(StoreError, match=r"nothing was removed.*not a whole record"):
        collect_garbage(apply=True)
    assert len(objects()) == 2


def test_bad_requests(project, run):
    with pytest.raises(StoreError, match="no provenance store"):
        collect_garbage()
    digest = run.cube(1)
    with pytest.raises(StoreError, match="no object"):
        find_object("0" * 64)
    with pytest.raises(StoreError, match="is no digest"):
        find_object("../../x")
    with pytest.raises(StoreError, match="no object"):
        pin("f" * 10 if not digest.startswith("f") else "e" * 10, "x")
    with pytest.raises(StoreError, match="could not read"):
        keep("nothing.pdf")
    Path("store/pins.json").write_text("[")
    with pytest.raises(StoreError, match=r"pins\.json cannot be read"):
        collect_garbage()


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
