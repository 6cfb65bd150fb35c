"""What a file says for a preset: `extends`, then the file, then the preset."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.refusals import GOOD

from layeratlas.config.experiment import load_experiment
from layeratlas.config.folder import experiment_names
from layeratlas.config.presets import merged, overlay, preset_of
from layeratlas.config.reading import read_yaml
from layeratlas.config.shapes import PRESETS

KEYS = st.sampled_from("abc")
TREES = st.recursive(
    st.dictionaries(KEYS, st.integers() | st.none() | st.lists(st.integers(), max_size=2)),
    lambda inner: st.dictionaries(KEYS, st.integers() | inner),
    max_leaves=6,
)


def flat(tree, path=()):
    """Values by path; an empty mapping is a value of its own."""
    if not isinstance(tree, dict) or not tree:
        return {path: tree}
    return {k: v for key, inner in tree.items() for k, v in flat(inner, (*path, key)).items()}


@given(base=TREES, changes=TREES)
def test_an_overlay_has_the_changes_and_what_they_leave(base, changes):
    before = copy.deepcopy((base, changes))
    merged = overlay(base, changes)
    assert (base, changes) == before
    found = flat(merged)
    for path, value in flat(changes).items():
        if value != {}:
            assert found[path] == value
    said = set(flat(changes))
    for path, value in flat(base).items():
        parts = {path[:n] for n in range(len(path) + 1)}
        untouched = not parts & said and not any(p[: len(path)] == path for p in said)
        if untouched and path:
            assert found[path] == value


def test_a_preset_changes_nothing_of_the_others():
    raw = {"seeds": 1, "model": {"width": 3}, "presets": {"paper": {"model": {"depth": 4}}}}
    assert preset_of(raw, "paper") == {"seeds": 1, "model": {"width": 3, "depth": 4}}
    for preset in set(PRESETS) - {"paper"}:
        assert preset_of(raw, preset) == {"seeds": 1, "model": {"width": 3}}


def test_extends_and_then_the_preset(tmp_path):
    (tmp_path / "base.yaml").write_text(
        "template: true\n" + GOOD + "presets: {paper: {seeds: 4, training: {epochs: 7}}}\n"
    )
    (tmp_path / "x.yaml").write_text(
        "extends: base\ntitle: Mine\nmodel: {width: 9}\ngrid: {dropout: null, depth: [2, 3]}\n"
        "seeds: 2\npresets: {paper: {model: {width: 10}}}\n"
    )
    assert experiment_names(tmp_path, read_yaml) == ("x",)
    laptop = load_experiment("x", "laptop", tmp_path)
    paper = load_experiment("x", "paper", tmp_path)
    assert laptop.title == "Mine"
    # Mappings merge, other values replace, null takes an axis away.
    assert laptop.settings["model"] == {"depth": 3, "width": 9}
    assert laptop.grid == {"depth": (2, 3)}
    assert laptop.seeds == (1, 2)
    # The preset comes last, the parent's part of it included.
    assert paper.settings["model"]["width"] == 10
    assert paper.settings["training"] == {"epochs": 7, "batch_size": 32}
    assert paper.seeds == (1, 2, 3, 4)
    assert paper.checkpoints == (7,)


@pytest.mark.parametrize("key", ["batch_norm_modes", "step_images"])
def test_views_replace_modes_and_images_of_a_step_and_are_replaced_by_them(key):
    modes, views = {"metrics": ["a"], key: 1}, {"views": {"train": {}}}
    above, own = (Path("above.yaml"), {"measure": modes}), (Path("own.yaml"), {"measure": views})
    assert merged([own, above])["measure"] == {"metrics": ["a"], **views}
    assert merged([above, own])["measure"] == modes
    assert preset_of({"measure": modes, "presets": {"smoke": {"measure": views}}}, "smoke") == {
        "measure": {"metrics": ["a"], **views}
    }
    # What one file says twice is left for the check that refuses it.
    both = {"measure": modes | views}
    assert merged([(Path("own.yaml"), both)]) == both
