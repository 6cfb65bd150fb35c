"""Claims on the definitions, for and against them."""

from __future__ import annotations

import pytest
from made.turned import changed

from layeratlas import papers
from layeratlas.claims.claim import FAILS, HOLDS
from layeratlas.papers.signal_propagation.definitions import EXPERIMENT


@pytest.mark.parametrize(
    ("variable", "value", "broken"),
    [
        ("alignment_second_moment", 0.001, "square"),
        ("alignment_second_moment", 1.01, "one"),
        ("alignment_null", -0.01, "least"),
        ("alignment_uncentred", 1.01, "most"),
    ],
)
def test_each_relation_can_fail(made_cubes, variable, value, broken):
    cubes = made_cubes()
    cube = changed(cubes[EXPERIMENT], "/affine", variable,
                   lambda v: v.where((v["affine"] != 3) | (v["depth"] != 20), value))  # fmt: skip
    found = {c.id: c for c in papers.check("definitions", {EXPERIMENT: cube})}
    assert found[broken].verdict == FAILS and found["another_quantity"].verdict == HOLDS
    # Every seed of every network, whatever its layers, views and records.
    assert found["square"].n == found["least"].n == 4 * 3


def test_variants_that_are_one_quantity_are_told(made_cubes):
    cube = made_cubes()[EXPERIMENT]
    same = cube["affine"].to_dataset()["alignment"]
    cube = changed(cube, "/affine", "alignment_traced", lambda v: v.copy(data=same.values))
    found = {c.id: c for c in papers.check("definitions", {EXPERIMENT: cube})}
    assert found["another_quantity"].verdict == FAILS
