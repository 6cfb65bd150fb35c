"""Where files come from: every file that something was made from, with job, code and settings."""

from __future__ import annotations

import json

import pytest
from made.builder import Store, made_up
from made.pages import small_atlas

from layeratlas import lineage
from layeratlas.atlas.origins import origins


@pytest.fixture(scope="module")
def found(made):
    return origins([made.drawn["phase_diagram"].drawing, *made.cubes.values()], made.root)


def below(found, number: int) -> set[int]:
    """A file and all that it was made from."""
    return {number}.union(*(below(found, k) for k in found.files[number]["made_from"]))


def test_it_is_the_lineage(made, found):
    drawing = str(made.drawn["phase_diagram"].drawing)
    table = lineage(drawing, made.root)
    digests = {found.files[k]["digest"] for k in below(found, found.number[drawing])}
    assert digests == set(table["digest"])
    kinds = {file["kind"] for file in found.files}
    assert kinds == {"figure", "cube", "measurement", "shard", "data set"}


def test_each_file_says_commit_settings_and_what_it_was_made_from(made, found):
    (cube,) = (f for f in found.files if f["name"] == "phase_diagram_dropout")
    assert len(cube["commit"]) == 40
    assert [found.files[k]["kind"] for k in cube["made_from"]] == ["measurement"] * 2
    shards = [f for f in found.files if f["kind"] == "shard"]
    for shard in shards:
        assert found.plans[shard["plan"]]["shared"] == {"training": {"epochs": 20}}
        assert shard["settings"] in found.settings
    # Settings are those of the record, without lists of runs: these are in the cube.
    assert found.settings[cube["settings"]]["plan"] == {
        "description": {"title": "phase_diagram_dropout"}
    }


def test_runs_lead_to_their_shard(found):
    plans = [
        plan for plan in found.plans.values() if "phase_diagram_dropout-0000" in plan["run_ids"]
    ]
    assert len(plans) == 1


def test_the_same_content_made_again_is_told_alike(tmp_path, made, found):
    again = small_atlas(tmp_path)
    # Records of other jobs at other times.
    store = Store(tmp_path)
    store.jobs = 500
    store.job("train", [], [made_up("results/smoke/shards/other/0.zarr.zip")])
    asked = [again.drawn["phase_diagram"].drawing, *again.cubes.values()]
    told = origins(asked, tmp_path)
    assert told.files == found.files
    assert told.settings == found.settings
    text = json.dumps([told.files, told.settings, told.environments])
    assert "2023" not in text and "node1" not in text, "no times, no hosts"


def test_what_no_record_knows_is_said(tmp_path, made):
    stranger = made.root / "stranger.svg"
    stranger.write_text("<svg/>")
    told = origins([stranger], made.root)
    assert list(told.unknown) == [str(stranger)] and not told.number
