"""Claims on the hierarchy, for and against them."""

from __future__ import annotations

import numpy as np
import pytest
from made.turned import changed

from layeratlas import papers
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE


def judged(cubes, subject="MLP, L = 20, MNIST"):
    found = papers.check("alignment_hierarchy", cubes)
    return {claim.id: claim for claim in found if claim.subject.startswith(subject)}


def test_a_flat_profile_is_no_hierarchy(made_cubes):
    found = judged(made_cubes(alignment_mnist={"height": 0.0}))
    for view in ("train", "test"):
        assert found[f"ascent_descent_{view}"].verdict == FAILS
    assert found["over_null"].verdict == FAILS
    assert found["initial_without"].verdict == HOLDS


@pytest.mark.parametrize("place", [lambda L: 1, lambda L: L])
def test_a_peak_at_an_end_is_none(made_cubes, place):
    cubes = made_cubes(alignment_mnist={"peak_at": place})
    if place(20) == 20:  # the made read-out stays below its bound
        cubes["alignment_mnist"] = changed(
            cubes["alignment_mnist"], "/affine", "alignment", lambda v: v.fillna(0).cumsum("affine")
        )
    assert judged(cubes)["ascent_descent_train"].verdict == FAILS


def test_a_hierarchy_that_was_there_before_training_is_not_learnt(made_cubes):
    found = judged(made_cubes(alignment_mnist={"initial": 0.1}))
    assert found["initial_without"].verdict == FAILS and found["initial_without"].value == 1


def test_layers_that_fall_are_told(made_cubes):
    cubes = made_cubes()
    low = changed(cubes["alignment_mnist"], "/affine", "alignment",
                  lambda v: v.where((v["affine"] != 4) | (v["label"] == "init"), 0.01))  # fmt: skip
    found = judged(cubes | {"alignment_mnist": low})["rises_everywhere"]
    assert found.verdict == FAILS and "least at layer 5" in found.note


def test_a_read_out_above_its_bound_is_wrong(made_cubes):
    cubes = made_cubes()
    high = changed(cubes["alignment_mnist"], "/affine", "alignment",
                   lambda v: v.where(v["affine"] != 19, 0.1056))  # fmt: skip
    assert judged(cubes | {"alignment_mnist": high})["read_out_bound"].verdict == FAILS
    assert judged(cubes)["read_out_bound"].value < 0


def test_the_ratio_to_the_null_is_that_at_the_peak(made_cubes):
    found = judged(made_cubes())["over_null"]
    assert found.value == pytest.approx(0.26 / 0.02, rel=0.05) and "layer" in found.note


def test_few_seeds_and_shallow_networks_decide_nothing(made_cubes):
    found = judged(made_cubes(alignment_mnist={"seeds": 2}))
    assert found["ascent_descent_train"].verdict == NOT_APPLICABLE
    assert "2 seeds" in found["ascent_descent_train"].note
    assert found["over_null"].verdict == HOLDS
    shallow = judged(made_cubes(alignment_mnist={"depths": (8,)}), "MLP, L = 8, MNIST")
    assert "L < 10" in shallow["ascent_descent_train"].note
    assert shallow["initial_without"].verdict == HOLDS


def test_accuracy_is_of_fashion_mnist_at_depth_ten(made_cubes):
    good = judged(made_cubes(), "MLP, L = 10, Fashion-MNIST")["accuracy"]
    assert good.verdict == HOLDS and good.value == pytest.approx(0.85)
    cubes = made_cubes(alignment_fashion_mnist={"accuracy": 0.79})
    assert judged(cubes, "MLP, L = 10, Fashion-MNIST")["accuracy"].verdict == FAILS
    ids = [claim.id for claim in papers.check("alignment_hierarchy", made_cubes())]
    assert ids.count("accuracy") == 1


def test_runs_that_did_not_come_to_the_mark_count_nowhere(made_cubes):
    reached = np.ones((4, 3, 2))
    reached[2, 0, 1] = 0
    found = judged(made_cubes(alignment_mnist={"reached": reached}))
    assert found["over_null"].n == 2
    assert found["ascent_descent_train"].verdict == NOT_APPLICABLE
