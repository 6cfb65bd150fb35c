"""What somebody has accepted: read, refused, and what the workflow does with it."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from made.warmed import run

from layeratlas.bounded.seals import SEAL, sealed
from layeratlas.errors import UnreadableError
from layeratlas.provenance.ask.lineage import lineage
from layeratlas.workflow.acceptances import (
    Acceptance,
    AcceptedJob,
    check_acceptance,
    in_words,
    read_acceptances,
    told_of_records,
    write_acceptance,
)

ROOT = Path(__file__).resolve().parents[2]
MAP = "figures/maps/tiny/data_separation.pdf"
CUBE = "results/smoke/cubes/tiny.zarr.zip"
GIVEN = Acceptance(
    "20310517T080000.000000Z-abcd", "2031-05-17T08:00:00+00:00", "me on here", "no matter", "x",
    (
        AcceptedJob(
            "train", {"experiment": "tiny", "key": "0" * 16}, "20310517T070000Z-1", "code",
            {"code": ("a" * 16, "b" * 16)}, "f" * 64,
        ),
    ),
)  # fmt: skip


def test_what_is_written_is_read(tmp_path):
    path = write_acceptance(tmp_path / "accepted", GIVEN)
    assert read_acceptances(tmp_path / "accepted") == [GIVEN]
    assert check_acceptance(path) and read_acceptances(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    "change",
    [{"jobs": 3}, {"jobs": [3]}, {"because": None}, {"jobs": [{"rule": "train"}]}, {"more": "x"},
     {"jobs": [asdict(GIVEN.jobs[0]) | {"changed": {"code": ["a"]}}]},
     {"jobs": [asdict(GIVEN.jobs[0]) | {"changed": {"code": ["a", 3]}}]},
     {"jobs": [asdict(GIVEN.jobs[0]) | {"wildcards": {"key": 3}}]},
     {"jobs": [asdict(GIVEN.jobs[0]) | {"record": None}]}],
)  # fmt: skip
def test_what_was_edited_accepts_nothing(tmp_path, change):
    path = write_acceptance(tmp_path, GIVEN)
    document = json.loads(path.read_text())
    del document[SEAL]
    path.write_text(json.dumps(sealed({**document, **change})))
    with pytest.raises(UnreadableError):
        check_acceptance(path)
    assert read_acceptances(tmp_path) == []


def test_an_edited_reason_accepts_nothing(tmp_path):
    path = write_acceptance(tmp_path, GIVEN)
    path.write_text(path.read_text().replace("no matter", "no doubt"))
    with pytest.raises(UnreadableError, match="seal"):
        check_acceptance(path)
    assert read_acceptances(tmp_path) == []


def test_it_is_told_with_what_changed(tmp_path):
    write_acceptance(tmp_path / "results/smoke/accepted", GIVEN)
    told = told_of_records(tmp_path, ["smoke", "laptop", "smoke"])
    when = "accepted 2031-05-17 08:00 by me on here"
    sentence = f"{when} (code aaaaaaaaaaaa → bbbbbbbbbbbb): no matter"
    assert told == {"20310517T070000Z-1": (sentence,)}
    assert told_of_records(tmp_path, ["smoke"], host=False)["20310517T070000Z-1"] == (
        sentence.replace(" on here", ""),
    )
    many = {f"file {i}": ("1" * 64, "2" * 64) for i in range(5)}
    job = replace(GIVEN.jobs[0], changed=many)
    assert "; file 2 111111111111 → 222222222222 and 2 more): no matter" in in_words(GIVEN, job)


def atlas(
    project, *words: str, source: Path | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess:
    environment = {**os.environ, "COLUMNS": "200"}
    path = [str(source or project.folder / "src")]
    return run("layeratlas", words, cwd or project.folder, environment, path)


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
    table = lineage(finished.folder / MAP, finished.folder)
    told = {row["rule"]: row["accepted"] for _, row in table.iterrows() if row["accepted"]}
    assert "train" in told and "prepare_dataset" not in told
    (then,) = table.loc[table["rule"] == "train", "fingerprint"]
    assert f"(code {then[:12]} → " in told["train"][0]
    assert told["train"][0].endswith("): a constant that nobody reads")
    assert "a constant that nobody reads" in atlas(finished, "lineage", MAP).stdout
    # Nobody may be told the same again, and the rest of the questions agree.
    again = atlas(finished, "accept", MAP, "--because", "once more")
    assert again.returncode and "up to date" in again.stderr
    stale = json.loads(atlas(finished, "stale", "--json").stdout)
    assert not [row for row in stale if row["kind"] in ("code", "ancestor")]
    named = {row["rule"]: row["reason"] for row in stale if row["kind"] == "accepted"}
    assert named["train"] == told["train"][0]
    assert "results were accepted as they are" in atlas(finished, "stale").stdout
    assert atlas(finished, "verify").returncode == 0
    # A further change is another: this was not accepted.
    finished.edit("engine/loop.py", "NOTHING = 2\n")
    assert finished.planned(MAP)["train"] == 1


def test_settings_that_say_the_same_in_other_words(finished, monkeypatch):
    """From another folder, by a relative name; what lies downstream of it runs no more either."""
    finished.write(title="Another title")
    assert finished.planned(MAP) == Counter(assemble_cube=1, draw_map=1)
    done = atlas(finished, "accept", CUBE, "--because", "a title", "--root", "../project",
                 "--json", cwd=finished.folder / "config")  # fmt: skip
    assert done.returncode == 2, "no such folder from there"
    done = atlas(finished, "accept", CUBE, "--because", "a title", "--root", "..", "--json",
                 cwd=finished.folder / "config")  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    (record,) = (r for r in finished.records() if r["activity"]["rule"] == "assemble_cube")
    assert (row["rule"], row["reason"], row["record"]) == (
        "assemble_cube",
        "settings",
        record["id"],
    )
    then, now = row["changed"].pop("settings")
    assert then == record["configuration"]["hash"] != now and not row["changed"]
    # What a map says of its cube's settings is another now: that is its own difference.
    assert finished.planned(MAP) == Counter(draw_map=1)
    assert not finished.planned(CUBE)
    assert atlas(finished, "accept", MAP, "--because", "a title").returncode == 0
    assert not finished.planned(MAP)


def test_runs_that_were_never_made_are_not_accepted(finished):
    finished.write(grid={"dropout": [0.1, 0, 0.2], "negative_slope": [0, 1]})
    done = atlas(finished, "accept", CUBE, "--because", "four runs are enough")
    assert done.returncode == 2 and "has no receipt" in done.stderr


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
        ("byte", "is not what a job on record made"),
        ("record", "no record tells how it was made"),
        ("gone", "is not there"),
        ("code", "has a layeratlas of its own"),
        ("nothing", "up to date"),
    ],
)
def test_what_cannot_be_accepted_says_why(finished, spoil, told):
    folder = finished.folder / "results/smoke"
    if spoil == "receipt":
        (path,) = (folder / "receipts/train/tiny").glob("*.json")
        path.unlink()
    (archive,) = (folder / "shards/tiny").glob("*.zarr.zip")
    if spoil == "result":
        archive.write_bytes(archive.read_bytes()[:-1])
    if spoil not in ("receipt", "result", "nothing"):
        finished.edit("engine/loop.py", "\nNOTHING = 1\n")
    if spoil == "byte":
        content = bytearray(archive.read_bytes())
        content[len(content) // 2] ^= 1
        archive.write_bytes(content)
    if spoil == "record":
        for path in (finished.folder / "provenance/records").rglob("*.json"):
            if json.loads(path.read_text())["activity"]["rule"] == "train":
                path.unlink()
    if spoil == "gone":
        (finished.folder / MAP).unlink()
    source = ROOT / "src" if spoil == "code" else None
    done = atlas(finished, "accept", MAP, "--because", "it should be fine", source=source)
    assert done.returncode == 2 and told in done.stderr
    assert not (folder / "accepted").exists()
