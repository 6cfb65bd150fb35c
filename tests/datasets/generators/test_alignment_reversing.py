"""Both parts have the covariance of the formula."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.datasets import prepare
from layeratlas.datasets.generators.alignment_reversing import _OF_INVERSE, draw
from layeratlas.datasets.generators.draw import Draw
from layeratlas.datasets.generators.registry import GENERATORS
from layeratlas.datasets.recipe import recipe_of
from layeratlas.networks.zoo.quadratic import initial_weights
from layeratlas.runs.settings import own_settings


@pytest.mark.parametrize(("d", "q"), [(10, 1), (512, 2), (767, 2)])
def test_two_parts(d, q):
    settings = {"dimension": d, "balance": 0.3, "epsilon": 0.25, "tau": 2.0}
    n = 4000
    rng = np.random.default_rng(0)
    x, y = draw(Draw(n, "train", settings, rng, np.random.default_rng(1)))
    assert y.sum() == 1200 and (y[:1200] == 1).all()
    ones, zeros = x[:1200].var(axis=0), x[1200:].var(axis=0)
    assert ones[: d // 2].mean() == pytest.approx(1, rel=0.05)
    assert ones[d // 2 :].mean() == pytest.approx(0.25, rel=0.05)
    assert (zeros[: d - q] == 0).all()
    assert zeros[d - q :].mean() == pytest.approx(2.0 * d / q, rel=0.05)


@pytest.mark.parametrize("balance", [0.1, 0.3, 0.7, 1.0])
def test_shares_that_are_whole_are_exact(balance):
    settings = {"dimension": 4, "balance": balance, "epsilon": 0.5, "tau": 1.0}
    rng = np.random.default_rng(0)
    _, y = draw(Draw(1000, "train", settings, rng, rng))
    assert y.sum() == round(1000 * balance)


INVERSE = {
    "dimension": 24, "balance": 0.5, "epsilon": 0.5, "tau": 1.5, "variant": "inverse", "width": 30,
    "network_seed": 3, "ridge": 1e-2,
}  # fmt: skip


def test_the_inverse_variant_has_the_covariance_of_the_formula():
    """S of the initial weights of the network of that seed, and of the samples of target 1."""
    n = 40_000
    rng = np.random.default_rng(0)
    x, y = draw(Draw(n, "train", INVERSE, rng, np.random.default_rng(1)))
    assert y.sum() == n // 2 and (y[: n // 2] == 1).all()
    ones, zeros = x[: n // 2], x[n // 2 :]
    w = initial_weights(24, 30, 3).numpy()
    m, a = w.T @ w, ones.T @ ones / len(ones)
    z = m @ a @ a @ m
    s = np.linalg.inv(z + 1e-2 * np.trace(z) / 24 * np.eye(24))
    s *= 1.5 * 24 / np.trace(s)
    found = zeros.T @ zeros / len(zeros)
    assert np.linalg.norm(found - s) < 0.03 * np.linalg.norm(s)
    # The first part is drawn as in the other variant.
    plain, _ = draw(
        Draw(n, "train", INVERSE | {"variant": "low_rank"}, np.random.default_rng(0), rng)
    )
    np.testing.assert_array_equal(plain[: n // 2], ones)


def test_without_samples_of_target_1_or_0_it_is_drawn_all_the_same():
    for balance in (1.0, 1e-9):
        rng = np.random.default_rng(0)
        x, y = draw(Draw(50, "train", INVERSE | {"balance": balance}, rng, rng))
        assert np.isfinite(x).all() and y.sum() in (0, 50)


def test_settings_of_a_network_are_of_the_variant_that_knows_one():
    data = {"source": "alignment_reversing", "n_train": 8}
    entry = GENERATORS["alignment_reversing"]
    full = own_settings(entry.settings, _OF_INVERSE | {"variant": "inverse"}, "x")
    assert not set(_OF_INVERSE) & set(full), "defaults are left out, as they came later"
    for name in _OF_INVERSE:
        assert recipe_of(data | {"settings": {"variant": "inverse", name: 7}}).settings[name] == 7
        with pytest.raises(ValueError, match=f"{name} 7 is of the variant 'inverse'"):
            recipe_of(data | {"settings": {name: 7}})


def test_the_network_of_the_defaults_is_drawn_too():
    """Settings that came later are left out of a recipe at their defaults."""
    own = {"variant": "inverse", "dimension": 12}
    made = prepare(recipe_of({"source": "alignment_reversing", "n_train": 30, "settings": own}))
    told = own | {"width": 1024, "network_seed": 1, "ridge": 1e-3}
    same = prepare(recipe_of({"source": "alignment_reversing", "n_train": 30, "settings": told}))
    np.testing.assert_array_equal(made["train_inputs"], same["train_inputs"])
    assert np.isfinite(made["train_inputs"]).all()
