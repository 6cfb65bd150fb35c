"""What somebody has accepted: read, refused, and what the workflow does with it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from layeratlas.errors import UnreadableError
from layeratlas.provenance.ask.lineage import lineage
from layeratlas.workflow.acceptances import (
    Acceptance,
    AcceptedJob,
    check_acceptance,
    read_acceptances,
    write_acceptance,
)

MAP = "figures/maps/tiny/data_separation.pdf"
CUBE = "results/smoke/cubes/tiny.zarr.zip"
GIVEN = Acceptance(
    "20310517T080000.000000Z-abcd", "2031-05-17T08:00:00+00:00", "me on here", "no matter", "x",
    (AcceptedJob("train", {"experiment": "tiny", "key": "0" * 16}, "code", "f" * 64),),
)  # fmt: skip


def test_what_is_written_is_read(tmp_path):
    path = write_acceptance(tmp_path / "accepted", GIVEN)
    assert read_acceptances(tmp_path / "accepted") == [GIVEN]
    assert check_acceptance(path) and read_acceptances(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    "change",
    [{"jobs": 3}, {"jobs": [3]}, {"because": None}, {"jobs": [{"rule": "train"}]}, {"more": "x"}],
)
def test_what_was_edited_accepts_nothing(tmp_path, change):
    path = write_acceptance(tmp_path, GIVEN)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, **change}))
    with pytest.raises(UnreadableError):
        check_acceptance(path)
    assert read_acceptances(tmp_path) == []


def atlas(project, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "layeratlas", *words]
    environment = {
        "PYTHONPATH": str(project.folder / "src"),
        "PATH": "/usr/bin:/bin",
        "COLUMNS": "200",
    }
    return subprocess.run(
        command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_change_that_does_not_matter_makes_nothing_again(finished):
    """Of the engine's code: training, measuring, cube and map would run again, and need not."""
    finished.edit("engine/loop.py", "\n# A word.\nNOTHING = 1\n")
    before = finished.planned(MAP)
    assert before["train"] == 1 and before["measure"] == 1
    refused = atlas(finished, "accept", MAP, "--because", " ")
    assert refused.returncode and "say in 1 to 2000" in refused.stderr
    done = atlas(finished, "accept", MAP, "--because", "a constant that nobody reads")
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout
    assert not finished.planned(MAP)
    table = lineage(finished.folder / MAP)
    told = {row["rule"]: row["accepted"] for _, row in table.iterrows() if row["accepted"]}
    assert "train" in told and "prepare_dataset" not in told
    assert "in spite of another code: a constant that nobody reads" in told["train"][0]
    assert "a constant that nobody reads" in atlas(finished, "lineage", MAP).stdout
    # Nobody may be told the same again, and the rest of the questions agree.
    again = atlas(finished, "accept", MAP, "--because", "once more")
    assert again.returncode and "up to date" in again.stderr
    stale = json.loads(atlas(finished, "stale", "--json").stdout)
    assert not [row for row in stale if row["kind"] in ("code", "ancestor")]
    assert atlas(finished, "verify").returncode == 0
    # A further change is another: this was not accepted.
    finished.edit("engine/loop.py", "NOTHING = 2\n")
    assert finished.planned(MAP)["train"] == 1


def test_what_is_made_again_is_accepted_no_longer(finished):
    """The acceptance was of that result; of the new one nothing is said."""
    finished.edit("engine/loop.py", "\nNOTHING = 1\n")
    assert atlas(finished, "accept", CUBE, "--because", "no matter").returncode == 0
    assert not finished.planned(CUBE)
    finished.make(CUBE, options=("--forcerun", "train"), verbose=False)
    finished.edit("engine/loop.py", "NOTHING = 2\n")
    assert finished.planned(CUBE)["train"] == 1


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("receipt", "has no receipt"),
        ("result", "its files are not those"),
        ("nothing", "up to date"),
    ],
)
def test_what_cannot_be_accepted_says_why(finished, spoil, told):
    folder = finished.folder / "results/smoke"
    if spoil == "receipt":
        (path,) = (folder / "receipts/train/tiny").glob("*.json")
        path.unlink()
    if spoil == "result":
        (path,) = (folder / "shards/tiny").glob("*.zarr.zip")
        path.write_bytes(path.read_bytes()[:-1])
    done = atlas(finished, "accept", MAP, "--because", "it should be fine")
    assert done.returncode and told in done.stderr
    assert not (folder / "accepted").exists()
