"""Claims of the table, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas import papers
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE


def judged(cubes, id="peak_near"):
    found = papers.check("peak_table", cubes)
    return {claim.subject: claim for claim in found if claim.id == id}


def test_a_row_is_judged_by_itself(made_cubes):
    found = judged(made_cubes(alignment_mnist={"peak_at": lambda L: 8.0}))
    assert found["MLP, L = 10, MNIST"].verdict == FAILS
    assert found["MLP, L = 20, MNIST"].verdict == HOLDS
    assert found["MLP, L = 10, MNIST"].value == pytest.approx((8 - 4.63) / 2.5, abs=0.02)


def test_architectures_are_held_against_their_own_crossing(made_cubes, made_hierarchy):
    module = {"model": {"family": "module", "from": "layeratlas.networks.zoo.vgg:VGG"}}
    cubes = made_cubes()
    cubes["alignment_vgg"] = made_hierarchy((17,), settings=module, source="cifar10_subset")
    found = judged(cubes)["VGG17, L = 17, CIFAR-10"]
    assert found.verdict == HOLDS and "l*_emp" in found.statement


def test_a_network_at_its_end_is_not_judged(made_cubes):
    labels = ("init", "mark_0.1", "final")
    reached = np.ones((4, 3, 3))
    reached[..., 1] = 0
    cubes = made_cubes(alignment_mnist={"labels": labels, "reached": reached})
    assert judged(cubes)["MLP, L = 10, MNIST"].verdict == NOT_APPLICABLE
