"""Even loads go with accuracy, or the claim fails."""

from __future__ import annotations

import numpy as np
from made.synthetic import turned_all

from layeratlas.claims.claim import FAILS, HOLDS, TIE


def test_accuracy_that_prefers_bent_curves_fails(judge_networks, replaced, by_id, paper):
    cubes = {}
    for name, cube in paper.items():
        accuracy = cube["evaluation"]["test_accuracy"]
        cubes[name] = replaced(cube, "evaluation", test_accuracy=1.7 - accuracy)
    for figure in ("phase_diagram", "load_uniformity"):
        for subject in ("a data", "c dropout"):
            found = by_id(judge_networks(figure, cubes), subject)
            assert found["7a"].verdict == FAILS
            assert found["7b"].verdict == FAILS


def test_both_figures_judge_claim_7_alike(judge_networks, paper):
    alone = judge_networks("load_uniformity", paper)
    among = [c for c in judge_networks("phase_diagram", paper) if c.id in ("7a", "7b")]
    assert [(c.id, c.subject, c.value, c.verdict) for c in alone] == [
        (c.id, c.subject, c.value, c.verdict) for c in among
    ]
    assert {c.verdict for c in alone} == {HOLDS}


def test_without_a_cell_the_best_one_is_unknown(judge_networks, diverged, by_id, laptop):
    cubes = {**laptop, "phase_diagram_dropout": diverged(laptop["phase_diagram_dropout"], 0, 0)}
    claim = by_id(judge_networks("load_uniformity", cubes), "c dropout")["7b"]
    assert claim.verdict == FAILS
    assert "the best cell is unknown" in claim.note


def test_the_order_in_which_noise_is_stored_changes_no_claim(judge_networks, laptop):
    ours, theirs = (
        judge_networks("load_uniformity", cubes) for cubes in (laptop, turned_all(laptop))
    )
    assert ours == theirs


def test_accuracies_that_seeds_leave_open_order_nothing(judge_networks, replaced, by_id, laptop):
    """The best cell may be any of several, of which some carry their load unevenly."""
    cube = laptop["phase_diagram_dropout"]
    accuracy = cube["evaluation"].to_dataset(inherit=False)["test_accuracy"]
    dice = np.random.default_rng(5)
    apart = dice.normal(size=tuple(accuracy.sizes[dim] for dim in accuracy.dims[:3]))
    apart -= apart.mean(-1, keepdims=True)
    for width, verdict in ((0.0, HOLDS), (1e-5, HOLDS), (0.2, TIE)):
        moved = accuracy + (width * apart[..., None, None]).astype("float32")
        cubes = {
            **laptop,
            "phase_diagram_dropout": replaced(cube, "evaluation", test_accuracy=moved),
        }
        found = by_id(judge_networks("load_uniformity", cubes), "c dropout")
        assert (found["7a"].verdict, found["7b"].verdict) == (verdict, verdict)
    assert "may be the best" in found["7b"].note
    assert "pairs left open: 0 of |CI|" in found["7a"].note
