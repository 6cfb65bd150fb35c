"""Which points were asked for, in a file."""

from __future__ import annotations

import json

import pytest
from made.refined import chains as experiment

from layeratlas.errors import UnreadableError
from layeratlas.refining.history import (
    History,
    history_key,
    history_path,
    read_history,
    write_history,
)

FIRST = (((0.1, 0.0), (1, 2)), ((0.5, 0.2), (3, 4)))
BEGUN = History("k", (FIRST, (((0.1, 0.0), (5,)),)), {"a": ("x",)})


def test_a_point_that_got_seeds_later_is_one_point():
    first, second = BEGUN.points()
    assert first == ((0.1, 0.0), (1, 2, 5), (0, 0, 1)) and second.seeds == (3, 4)
    assert BEGUN.runs == 5
    assert BEGUN.grown([((0.2, 0.1), (1, 2))]).runs == 7


def test_runs_that_are_taken_are_added_and_each_is_once():
    more = BEGUN.with_taken({"a": ("y", "x"), "b": ("z",)})
    assert more.taken == {"a": ("x", "y"), "b": ("z",)}
    assert more.runs_taken == {"x", "y", "z"} and BEGUN.runs_taken == {"x"}


def test_what_is_written_is_read(tmp_path):
    path = history_path(tmp_path, "chains")
    write_history(path, BEGUN)
    assert read_history(path, "k") == BEGUN
    assert path == tmp_path / "refined" / "chains.json"


def test_of_other_settings_there_is_none(tmp_path):
    write_history(tmp_path / "x.json", BEGUN)
    assert read_history(tmp_path / "x.json", "other") is None
    assert read_history(tmp_path / "y.json", "k") is None


@pytest.mark.parametrize("change", ["seal", "form"])
def test_what_decayed_is_not_believed(tmp_path, change):
    path = tmp_path / "x.json"
    write_history(path, BEGUN)
    document = json.loads(path.read_text())
    if change == "seal":
        document["generations"][0][0][0] = 0.11
    else:
        del document["seal"], document["generations"]
    path.write_text(json.dumps(document))
    with pytest.raises(UnreadableError):
        read_history(path, "k")


def test_budget_and_tolerance_end_a_series_and_change_none(tmp_path):
    plain = history_key(experiment(tmp_path))
    assert history_key(experiment(tmp_path, ", tolerance: 0.1")) == plain
    assert history_key(experiment(tmp_path, ", at: 0.1")) != plain
    assert history_key(experiment(tmp_path, ", batch: 10")) != plain
