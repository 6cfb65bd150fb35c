"""Colours: one a thing, all seen on white, and named in one module only."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from layeratlas.figures import faults, palette

SOURCE = Path(palette.__file__).parents[1]


def test_no_other_module_of_figures_names_a_colour():
    modules = [*SOURCE.glob("figures/*.py"), *SOURCE.glob("papers/**/*.py")]
    assert len(modules) > 100
    named = {
        str(path.relative_to(SOURCE)): found
        for path in modules
        if (found := re.findall(r"[\"']#[0-9a-fA-F]{3,8}[\"']", path.read_text("utf-8")))
    }
    assert set(named) == {"figures/palette.py"}


def test_colours_of_the_cycle_are_apart_and_seen_on_white():
    assert len(set(palette.CYCLE)) == 6
    for colour in palette.CYCLE:
        assert palette.contrast(colour) > faults.FAINTEST
    for one, other in combinations(palette.CYCLE, 2):
        values = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (one, other)]
        assert np.linalg.norm(np.subtract(*values)) > 60


def test_contrast_is_that_of_the_guidelines():
    assert palette.contrast("black") == pytest.approx(21)
    assert palette.contrast("white") == 1
    # A grey whose contrast on white is published as 4.54.
    assert palette.contrast("#767676") == pytest.approx(4.54, abs=0.005)
    assert palette.contrast("white", "black") == palette.contrast("black", "white")


def test_a_thing_has_one_colour_and_the_unknown_none():
    assert palette.of("fsc") == palette.GREEN
    with pytest.raises(KeyError):
        palette.of("nothing of ours")


@pytest.mark.parametrize("count", [1, 2, 7])
def test_graded_lines_are_seen_to_the_last(count):
    colours = palette.graded(count)
    assert colours.shape == (count, 4)
    ratios = [palette.contrast(colour) for colour in colours]
    assert min(ratios) > faults.FAINTEST
    assert ratios == sorted(ratios, reverse=True)
