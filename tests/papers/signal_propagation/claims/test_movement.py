"""Claims on movement, for and against them."""

from __future__ import annotations

import numpy as np
import pytest
from made.turned import changed

from layeratlas import papers
from layeratlas.claims.claim import FAILS


@pytest.mark.parametrize(
    ("value", "record", "broken"),
    [(0.0, "mark_0.1", "positive"), (np.nan, "mark_0.1", "positive"), (1.1, "init", "start"),
     (1.0, "mark_0.1", "moved")],
)  # fmt: skip
def test_each_can_fail(made_cubes, value, record, broken):
    cubes = made_cubes()
    cubes["alignment_mnist"] = changed(
        cubes["alignment_mnist"], "/affine", "parameter_movement",
        lambda v: v.where((v["affine"] != 2) | (v["label"] != record), value),
    )  # fmt: skip
    found = {c.id: c for c in papers.check("movement", cubes) if c.subject == "MNIST"}
    assert found[broken].verdict == FAILS
