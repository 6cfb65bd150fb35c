"""What generators draw: streams of their own, checked against what is declared."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets import prepare
from layeratlas.datasets.generators.entry import GeneratorEntry
from layeratlas.datasets.generators.registry import GENERATORS
from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import DatasetError


def prepared(source="gaussian_mixture", **more):
    return prepare(recipe_of({"source": source, "n_train": 30, "n_test": 20} | more))


def test_one_seed_one_draw():
    a, b, other = prepared(), prepared(), prepared(draw_seed=1)
    assert a.identical(b)
    assert not np.isin(a.train_inputs, other.train_inputs).any()


@pytest.mark.parametrize("source", ["gaussian_mixture", "chain_monomial", "disc"])
def test_more_samples_leave_the_first_and_the_test_part_as_they_were(source):
    few, many = prepared(source), prepared(source, n_train=50)
    np.testing.assert_array_equal(many.train_inputs[:30], few.train_inputs)
    np.testing.assert_array_equal(many.train_targets[:30], few.train_targets)
    np.testing.assert_array_equal(many.test_inputs, few.test_inputs)
    assert not np.isin(few.test_inputs, many.train_inputs).any()


def test_two_classes_of_one_output_are_prepared_and_may_have_label_noise():
    made = prepared("disc", settings={"outputs": 1}, static_label_noise=0.5)
    assert made.attrs["n_outputs"] == 1 and made.attrs["n_classes"] == 2
    assert set(made.train_targets.values) == {0, 1} and made.train_label_redrawn.sum() == 15


def test_both_parts_have_the_same_centres():
    made = prepared(settings={"separation": 50.0})
    for k in range(3):
        centres = [
            made[f"{part}_inputs"].values[made[f"{part}_targets"].values == k].mean(axis=0)
            for part in ("train", "test")
        ]
        assert np.linalg.norm(centres[0] - centres[1]) < 6


def of_users(draw):
    return OUTCOMES[draw.settings["outcome"]](draw.n)


OUTCOMES = {
    "right": lambda n: (np.ones((n, 3)), np.ones(n)),
    "shape": lambda n: (np.ones((n, 4)), np.ones(n)),
    "length": lambda n: (np.ones((n, 3)), np.ones(n + 1)),
    "nan": lambda n: (np.full((n, 3), np.nan), np.ones(n)),
    "text": lambda n: (np.full((n, 3), "a"), np.ones(n)),
    "nothing": lambda n: None,
    "fails": lambda n: 1 / 0,
}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("shape", r"source 'mine' gives inputs of shape \(30, 4\), where its entry declares"),
        ("length", r"gives targets of shape \(31, 1\), where its entry declares \(30, 1\)"),
        ("nan", "gives inputs with NaN or infinity"),
        ("text", "gives inputs of type <U1; expected real numbers"),
        ("nothing", "failed: TypeError"),
        ("fails", "failed: ZeroDivisionError: division by zero"),
    ],
)
def test_what_a_user_s_generator_gives_is_checked(monkeypatch, outcome, said):
    entry = GeneratorEntry("mine", "x:y", (3,), 1, settings={"outcome": "right"})
    monkeypatch.setitem(GENERATORS._entries, "mine", entry)
    monkeypatch.setattr("layeratlas.datasets.makers.generated.resolve", lambda name: of_users)
    assert prepared("mine").train_targets.shape == (30, 1)
    with pytest.raises(DatasetError, match=said):
        prepared("mine", settings={"outcome": outcome})


def test_classes_beyond_the_declared_ones(monkeypatch):
    entry = GeneratorEntry("mine", "x:y", (1,), 3, target_kind="classes")
    monkeypatch.setitem(GENERATORS._entries, "mine", entry)
    monkeypatch.setattr(
        "layeratlas.datasets.makers.generated.resolve",
        lambda name: lambda draw: (np.ones((draw.n, 1)), np.arange(draw.n)),
    )
    with pytest.raises(DatasetError, match="gives targets from 0 to 29, where its entry declares"):
        prepared("mine")
