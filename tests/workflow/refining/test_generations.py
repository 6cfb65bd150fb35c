"""From what is known to what is asked, and when that is enough."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made.planes import Runs
from made.point_cubes import point_cube

from layeratlas.config.experiment import Experiment, load_experiment
from layeratlas.refining.history import History, history_key
from layeratlas.refining.results import Found
from layeratlas.refining.stopping import BUDGET, FOUND, NONE
from layeratlas.workflow.refining.generations import (
    expected,
    next_generation,
    side_steps,
    state_of,
)

TEXT = """
title: Networks
dataset: {source: digits, n_train: 64}
model: {depth: 3, width: 8}
training: {epochs: 3, batch_size: 32, optimizer: adam}
grid: {dropout: [0, 0.07, 0.14, 0.21, 0.28], negative_slope: [0, 0.25, 0.5, 0.75, 1]}
refine: {of: convexity_index, axes: [dropout, negative_slope], budget: 100, seeds: {to: 6}, %s}
"""


def experiment(folder: Path, more: str = "batch: 12, tolerance: 0.002") -> Experiment:
    (folder / "boundary_dropout.yaml").write_text(TEXT % more)
    return load_experiment("boundary_dropout", "smoke", folder)


def history_of(asked: Experiment, found: Found) -> History:
    """The history of a made-up cube."""
    seeds = np.isfinite(found.values)
    generations: list[list] = [[], []]
    for i, point in enumerate(found.points.tolist()):
        own = tuple(int(seed) + 1 for seed in np.flatnonzero(seeds[i]))
        generations[found.generation[i]].append((tuple(point), own))
    return History(history_key(asked), tuple(tuple(one) for one in generations if one))


@pytest.fixture(scope="module")
def found() -> Found:
    return Found.of(point_cube())


def test_the_next_generation_is_about_a_batch_of_new_runs(tmp_path, found):
    asked = experiment(tmp_path)
    history = history_of(asked, found)
    requests, ended = next_generation(asked, history, found)
    assert 12 <= sum(len(seeds) for _, seeds in requests) <= 13
    known = {point.values: point.seeds for point in history.points()}
    for values, seeds in requests:
        assert not set(seeds) & set(known.get(values, ())) and set(seeds) <= set(asked.seeds)
        assert all(type(value) is float for value in values)
    assert ended == "" and next_generation(asked, history, found) == (requests, "")


def test_neither_budget_nor_tolerance_changes_what_is_asked(tmp_path, found):
    asked, other = experiment(tmp_path), experiment(tmp_path, "batch: 12, tolerance: 0.001")
    assert next_generation(asked, history_of(asked, found), found) == next_generation(
        other, history_of(other, found), found
    )


def test_it_is_found_once_a_further_generation_confirms_it(tmp_path, found):
    wide = experiment(tmp_path, "tolerance: 0.5")
    history = history_of(wide, found)
    assert next_generation(wide, history, found) == ([], FOUND)
    first = Found.of(point_cube(later=0))
    alone = history_of(wide, first)
    assert next_generation(wide, alone, first)[1] == ""


def test_where_there_is_none_it_ends_at_once(tmp_path):
    def above(places):
        return 2.0 + places[:, 0]

    none = Found.of(point_cube(Runs(above), later=0))
    asked = experiment(tmp_path)
    assert next_generation(asked, history_of(asked, none), none) == ([], NONE)


def test_a_plain_grid_is_as_fine_as_the_tolerance(tmp_path, found):
    asked = experiment(tmp_path, "tolerance: 0.05")
    state = state_of(asked, history_of(asked, found), found, [(62, 0.1)], BUDGET)
    assert state.ended == BUDGET
    assert state.plain == 21 * 21 * 2 and state.runs == 62 and state.points == 31
    assert side_steps(2, 9, 0.01, False) == 8 and side_steps(0.0, 1.0, 0.5, False) == 3


@pytest.mark.parametrize(
    ("offsets", "runs"),
    [
        ([(50, 0.02)], 0),
        ([(50, 0.1)], 50),
        ([(50, 0.1), (100, 0.05)], 50),
        ([(50, 0.1), (100, 0.0707107)], 200),
        # A generation that told nothing: as noise alone would have it.
        ([(50, 0.1), (100, 0.11)], 384),
    ],
)
def test_runs_to_the_tolerance_go_on_as_they_went(offsets, runs):
    tolerance = 0.02 if len(offsets) == 1 and runs == 0 else 0.05
    if len(offsets) == 2 and offsets[1][1] == 0.05:
        tolerance = 0.1 / 3
    if len(offsets) == 2 and offsets[1][1] == 0.0707107:
        tolerance = 0.0408248
    assert expected(offsets, tolerance) == pytest.approx(runs, abs=1)
