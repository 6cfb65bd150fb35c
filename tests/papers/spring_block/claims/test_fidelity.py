"""Published values reproduce themselves, and others are as far as they are."""

from __future__ import annotations

import json

import pytest
from made.synthetic import turned_all

from layeratlas.claims import files
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.papers.spring_block.claims.fidelity import THRESHOLD


def test_published_panels_reproduce_themselves(judge_networks, paper):
    for claim in judge_networks("phase_diagram_fidelity", paper):
        assert claim.verdict == HOLDS
        assert claim.n == 96 and len(claim.table) == 48  # two seeds a cell
        assert claim.value < 1e-4


def test_no_coinciding_cell(judge_networks, by_id, synthetic, laptop):
    odd = synthetic.theory_cube("dropout", (0.27, 0.01), (0.1, 0.9))
    found = judge_networks("phase_diagram_fidelity", {**laptop, "phase_diagram_dropout": odd})
    assert by_id(found, "c dropout")["fidelity-accuracy"].verdict == NOT_APPLICABLE


def test_a_shifted_accuracy_is_as_far_as_it_was_shifted(judge_networks, replaced, by_id, paper):
    for points, verdict in ((0.9, HOLDS), (1.1, FAILS)):
        cubes = {
            name: replaced(
                cube, "evaluation",
                test_accuracy=cube["evaluation"]["test_accuracy"] + points / 100,
            )
            for name, cube in paper.items()
        }  # fmt: skip
        found = by_id(judge_networks("phase_diagram_fidelity", cubes), "c dropout")
        assert found["fidelity-accuracy"].value == pytest.approx(points, abs=1e-3)
        assert found["fidelity-accuracy"].threshold == THRESHOLD.accuracy
        assert found["fidelity-accuracy"].verdict == verdict
        assert found["fidelity-convexity"].verdict == HOLDS


def test_errors_of_either_sign_do_not_cancel(judge_networks, replaced, by_id, paper):
    cube = paper["phase_diagram_dropout"]
    accuracy = cube["evaluation"]["test_accuracy"].copy(deep=True)
    accuracy[{"negative_slope": slice(0, 3)}] += 0.02
    accuracy[{"negative_slope": slice(3, 6)}] -= 0.02
    cubes = {**paper, "phase_diagram_dropout": replaced(cube, "evaluation", test_accuracy=accuracy)}
    claim = by_id(judge_networks("phase_diagram_fidelity", cubes), "c dropout")["fidelity-accuracy"]
    assert claim.value == pytest.approx(2, abs=1e-3)
    assert claim.verdict == FAILS


def test_mirrored_curves_are_far_away(judge_networks, reflected, by_id, paper):
    cubes = {name: reflected(cube) for name, cube in paper.items()}
    found = by_id(judge_networks("phase_diagram_fidelity", cubes), "a data")
    assert found["fidelity-convexity"].verdict == FAILS
    assert found["fidelity-accuracy"].verdict == HOLDS


def test_a_lost_cell_is_no_agreement(judge_networks, diverged, by_id, laptop):
    cubes = {**laptop, "phase_diagram_dropout": diverged(laptop["phase_diagram_dropout"], 0, 0)}
    found = by_id(judge_networks("phase_diagram_fidelity", cubes), "c dropout")
    assert found["fidelity-convexity"].verdict == FAILS
    assert found["fidelity-convexity"].value is None
    # A value that is not finite is no JSON.
    (written,) = json.loads(files.to_json([found["fidelity-convexity"]]))["claims"]
    assert any(row["reproduced"] is None for row in written["table"])


def test_the_order_in_which_noise_is_stored_changes_no_claim(judge_networks, laptop):
    ours, theirs = (
        judge_networks("phase_diagram_fidelity", cubes) for cubes in (laptop, turned_all(laptop))
    )
    assert ours == theirs
