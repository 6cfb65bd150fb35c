"""Claims on images hold of what the paper shows, and fail of what it does not."""

from __future__ import annotations

import numpy as np
import pytest
from made.image_cubes import image_cube, image_cubes

from layeratlas import papers


def verdicts(figure, cubes):
    return {(c.subject, c.id): c for c in papers.check(figure, cubes)}


def failing(figure, cubes):
    return {key for key, c in verdicts(figure, cubes).items() if c.verdict == "fails"}


def with_cifar(**changes):
    return image_cubes() | {"nfa_mlp_cifar10": image_cube(**changes)}


@pytest.mark.parametrize(
    "figure", ["nfa_fig02", "nfa_fig06", "nfa_fig10", "nfa_fig11", "nfa_fig15"]
)
def test_all_hold_of_the_paper_s_runs(figure):
    assert {c.verdict for c in verdicts(figure, image_cubes()).values()} == {"holds"}


def test_each_fails_of_other_runs():
    low = with_cifar(c_nfc=lambda e, k, s: np.nan if e == 0 else 0.3)
    assert failing("nfa_fig06", low) == {("CIFAR-10", "end"), ("CIFAR-10", "early")}
    small = with_cifar(c_nfc=lambda e, k, s: np.nan if e == 0 else 0.75)
    assert ("CIFAR-10", "gap") not in failing("nfa_fig02", small)
    small = with_cifar(c_nfc=lambda e, k, s: np.nan if e == 0 else 0.6)
    assert ("CIFAR-10", "gap") in failing("nfa_fig02", small)
    # As high with eigenvectors anywhere: it is the rank alone.
    rank = with_cifar(expected_rotated_c_nfc=lambda e, k, s: 0.9)
    assert failing("nfa_fig02", rank) == {("CIFAR-10", "above_turned")}
    one = with_cifar(c_nfc=lambda e, k, s: np.nan if e == 0 else (0.5 if k == 1 and e < 4 else 0.9))
    assert failing("nfa_fig06", one) == {("CIFAR-10", "early")}
    back = with_cifar(dw_rel=lambda e, k, s: 0.3 - 0.02 * e)
    assert failing("nfa_fig15", back) == {("CIFAR-10", "moves_away")}
    every = image_cubes(c_nfc=lambda e, k, s: np.nan if e == 0 else (0.1 if k == 4 else 0.9))
    assert ("average over CIFAR-10, GTSRB, MNIST, digits", "averaged") in failing(
        "nfa_fig02", every
    )


def test_a_lost_run_decides_nothing_in_favour():
    lost = failing("nfa_fig06", {"nfa_mlp_cifar10": image_cube(status=1)})
    assert lost == {("CIFAR-10", "end"), ("CIFAR-10", "early")}


def test_short_trainings_and_missing_sets_decide_nothing():
    digits = {"nfa_mlp_digits": image_cube(epochs=(0, 1, 3), seeds=1)}
    found = {id: c.verdict for (_, id), c in verdicts("nfa_fig02", digits).items()}
    assert found["early"] == "holds"
    assert {v for id, v in found.items() if id != "early"} == {"not applicable"}
    missing = verdicts("nfa_fig07", image_cubes())
    assert {c.verdict for c in missing.values()} == {"not applicable"}
    assert "CIFAR-100 is missing" in missing["CIFAR-100", "end"].note
