"""Two processes publish into one store on a file system without locks, whose listings are late."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made import lagging
from made.recording import numbers, records_in

from layeratlas import storage
from layeratlas.provenance.store.checks.finding import NO_FAULT
from layeratlas.provenance.store.verify import verify
from layeratlas.storage import content_hash, open_datatree

LAG = 5.0


def publish_both(project: Path, number: int, lag: float, *more: str) -> int:
    """Two processes, `number` publications each; how often listings hid or kept something."""
    path = [str(Path(lagging.__file__).parents[1]), *filter(None, sys.path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    command = [sys.executable, lagging.__file__, str(project)]
    children = [
        subprocess.Popen(
            [*command, str(who), str(number), str(lag), *more],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for who in (0, 1)
    ]  # fmt: skip
    told = [child.communicate(timeout=600) for child in children]
    assert [child.returncode for child in children] == [0, 0], told
    return sum(int(out) for out, _ in told)


def torn(project: Path) -> list[str]:
    """What is wrong with the files that both have published at once."""
    files = sorted((project / "shared").glob("*.zarr.zip"))
    assert len(files) >= 20
    return [text for path in files for text in storage.verify(path)]


@pytest.mark.parametrize("number", [40, pytest.param(100, marks=pytest.mark.slow)])
def test_what_two_publish_at_once_is_all_there(project, number):
    """`flock` fails with ENOLCK, listings are five seconds old; `verify` is clean."""
    hidden = publish_both(project, number, LAG)
    assert hidden > number, "listings were up to date: nothing was tried"
    # All versions, by what they hold, though nobody lists the folder meanwhile.
    kept = [content_of(path) for path in (project / "store/objects").glob("*.zarr.zip")]
    assert sorted(kept) == sorted(content_hash(numbers(v)).root for v in range(2 * number))
    records = records_in(project)
    assert [record.status for record in records] == ["ok"] * number
    made = {output.content_hash for record in records for output in record.outputs}
    assert len(made) == number and made <= set(kept)
    assert torn(project) == []
    statuses = set(verify(root=project)["status"])
    assert statuses <= {*NO_FAULT}
    left = [p for p in project.rglob("*") if p.name.endswith((".tmp", ".lease"))]
    assert left == []


def content_of(path: Path) -> str:
    with open_datatree(path) as tree:
        return content_hash(tree).root


@pytest.mark.slow
def test_without_anything_in_place_of_the_lock_files_are_torn(project, tmp_path):
    """The control: one's archive stands beside the manifest of the other. It is a matter of chance:
    on a busy machine the two may come one after the other, so they have three tries."""
    for number in range(3):
        again = Path(shutil.copytree(project, tmp_path / f"again-{number}"))
        publish_both(again, 40, 0.0, "old")
        if torn(again):
            return
    pytest.fail("nothing was torn: the lock is not what keeps files whole")


def test_a_listing_that_lags(tmp_path, monkeypatch):
    """The injected fault itself: what is new is not listed yet, what went is listed still."""
    monkeypatch.setattr(os, "scandir", os.scandir)
    monkeypatch.setattr(os, "listdir", os.listdir)
    (tmp_path / "old").touch()
    time.sleep(0.3)
    lagging.lag_behind(0.2)
    (tmp_path / "new").touch()
    assert os.listdir(tmp_path) == ["old"]  # noqa: PTH208
    (tmp_path / "old").unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "new").exists()
    time.sleep(0.3)
    assert [path.name for path in tmp_path.glob("*")] == ["new"]
