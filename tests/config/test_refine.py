"""`refine` of an experiment: what is asked, and what is refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.config.experiment import load_experiment
from layeratlas.config.refine import first_runs
from layeratlas.errors import LONGEST, ConfigError

CHAINS = """
kind: simulation
title: Chains
chain: {steps: 100, friction_left: 0.15}
grid: {noise_strength: [0.1, 0.3, 0.5], friction_right: [0, 0.2]}
refine: {%s}
"""
PLAIN = "of: convexity_index, axes: [noise_strength, friction_right], budget: 50"
NETWORKS = """
title: Networks
dataset: {source: digits, n_train: 64}
model: {depth: 3, width: 8}
training: {epochs: 3, batch_size: 32, optimizer: adam}
grid: {dropout: [0, 0.1], negative_slope: [0, 1]}
"""


def load(folder: Path, text: str, name: str = "x"):
    (folder / f"{name}.yaml").write_text(text)
    return load_experiment(name, "smoke", folder)


def test_defaults_seeds_and_plane(tmp_path):
    found = load(tmp_path, CHAINS % PLAIN)
    assert found.refine.at == 0 and found.refine.seeds.first == 2 and found.refine.batch == 24
    assert found.seeds == tuple(range(1, 11))
    assert found.plane == {"noise_strength": (0.1, 0.5), "friction_right": (0.0, 0.2)}
    assert first_runs(found.refine, found.grid) == 12


def test_seeds_of_a_list_are_its_first(tmp_path):
    text = CHAINS % f"{PLAIN}, seeds: {{from: 1, to: 2}}" + "seeds: [7, 3, 5]"
    assert load(tmp_path, text).seeds == (7, 3)


def test_a_file_that_extends_one_takes_it_over_or_away(tmp_path):
    load(tmp_path, CHAINS % PLAIN)
    child = load(tmp_path, "extends: x\ntitle: Y\nrefine: {at: 0.1}", "y")
    assert (child.refine.at, child.refine.of) == (0.1, "convexity_index")
    assert load(tmp_path, "extends: x\ntitle: Z\nrefine: null", "z").refine is None


def test_whose_function_is_the_user_s_own(tmp_path, monkeypatch):
    text = CHAINS % PLAIN.replace("convexity_index", "'layeratlas.refining.quantities:lost'")
    assert load(tmp_path, text).refine.of == "layeratlas.refining.quantities:lost"


WRONG = {
    "level outside the range": (f"{PLAIN}, at: 1.5", "refine.at: 1.5 is outside of what"),
    "level that is a word": (f"{PLAIN}, at: steep", "refine.at"),
    "budget": (
        PLAIN.replace("50", "11"),
        "refine.budget: 11 runs, and the first generation alone has 12",
    ),
    "unknown axis": (
        PLAIN.replace("friction_right", "friction_rihgt"),
        "refine.axes[1]: the grid has no axis 'friction_rihgt'; did you mean 'friction_right'?",
    ),
    "one axis twice": (PLAIN.replace("friction_right", "noise_strength"), "appears twice"),
    "three axes": (PLAIN.replace("_right]", "_right, length]"), "refine.axes"),
    "quantity": (
        PLAIN.replace("convexity_index", "convexity"),
        "refine.of: 'convexity' is no quantity; did you mean 'convexity_index'?",
    ),
    "quantity of networks": (PLAIN.replace("convexity_index", "test_accuracy"), "of kind training"),
    "function that is not there": (PLAIN.replace("convexity_index", "'gone.py:f'"), "refine.of"),
    "unknown key": (f"{PLAIN}, tolerence: 0.1", "refine.tolerence: unknown key; did you mean"),
    "seeds": (f"{PLAIN}, seeds: {{from: 4, to: 2}}", "refine.seeds: from 4 to 2"),
    "tolerance": (f"{PLAIN}, tolerance: 0", "refine.tolerance"),
    "log of zero": (
        f"{PLAIN}, log: [friction_right]",
        "refine.log: friction_right has the value 0",
    ),
    "log of no axis": (f"{PLAIN}, log: [length]", "refine.log: length is none of refine.axes"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_refined_is_refused_in_one_sentence(tmp_path, case):
    asked, words = WRONG[case]
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, CHAINS % asked)
    said = str(refused.value)
    assert words in said and "x.yaml" in said and "\n" not in said and len(said) <= LONGEST


OTHER = {
    "a categorical axis": (
        "grid: {activation: [relu, tanh], dropout: [0, 0.1]}\n"
        "refine: {of: convexity_index, axes: [activation, dropout]}",
        "refine.axes[0]: activation is no axis of numbers",
    ),
    "a third axis": (
        "grid: {dropout: [0, 0.1], negative_slope: [0, 1], width: [4, 8]}\n"
        "refine: {of: convexity_index, axes: [dropout, negative_slope]}",
        "the grid has a further axis, width",
    ),
    "one value": (
        "grid: {dropout: [0], negative_slope: [0, 1]}\n"
        "refine: {of: convexity_index, axes: [dropout, negative_slope]}",
        "dropout has one value",
    ),
    "a metric that is not measured": (
        "refine: {of: peak_beyond_first, axes: [dropout, negative_slope]}",
        "is made of 'alignment', which measure.metrics has not",
    ),
    "what is no mapping": ("refine: convexity_index", "refine: expected a mapping such as"),
    "too few seeds": (
        "seeds: [1, 2]\nrefine: {of: convexity_index, axes: [dropout, negative_slope]}",
        "refine.seeds.to: 10, and `seeds` lists 2",
    ),
}


@pytest.mark.parametrize("case", OTHER)
def test_networks_are_refused_likewise(tmp_path, case):
    more, words = OTHER[case]
    text = NETWORKS if "grid" not in more else NETWORKS.rpartition("grid:")[0]
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, text + more)
    assert words in str(refused.value)


def test_no_file_has_the_axis_that_refine_makes(tmp_path):
    with pytest.raises(ConfigError, match=r"grid\.point: no axis of a file"):
        load(tmp_path, CHAINS.replace("friction_right:", "point:") % PLAIN)


def test_a_reduction_has_no_plane(tmp_path):
    with pytest.raises(ConfigError, match="has none of its own"):
        load(tmp_path, "kind: reduction\ntitle: R\nreduction: {function: difference, of: [a, b]}\n"
             "refine: {of: lost, axes: [a, b]}")  # fmt: skip
