"""Sets of the paper and their experiments."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.config.experiment import load_experiment
from layeratlas.papers.nfa.sets import DIGITS, SETS

FOLDER = Path(__file__).parents[3] / "config" / "experiments"
#: Learning rates of the released code times C/10 (specification §2.2).
RATES = {"CIFAR-10": 2, "CIFAR-100": 20, "SVHN": 2, "STL-10": 0.1, "GTSRB": 0.43, "MNIST": 10}


@pytest.mark.parametrize("name", SETS)
def test_every_set_is_trained_as_the_released_code_does(name):
    paper = load_experiment(SETS[name], "paper", FOLDER).settings
    training, model = paper["training"], paper["model"]
    assert training["learning_rate"] == RATES[name]
    assert training["encoding"] == "centred_one_hot" and training["batch_size"] == 128
    (warm,) = training["schedule"]
    # A first epoch at 1e-4 · C/10, C/10 = rate over the code's own.
    scale = {"CIFAR-100": 10, "GTSRB": 4.3}.get(name, 1)
    assert warm["factor"] * training["learning_rate"] == pytest.approx(1e-4 * scale, rel=0.01)
    assert (model["depth"], model["width"], model["bias"]) == (6, 256, False)
    assert paper["dataset"]["standardisation"] == "per_channel"


def test_digits_are_none_of_the_paper_s():
    assert DIGITS not in SETS.values()
    assert load_experiment(DIGITS, "smoke", FOLDER).settings["dataset"]["source"] == "digits"
