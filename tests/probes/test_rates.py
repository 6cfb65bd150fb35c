"""Learning rates of a probe: balanced contributions, frozen layers, dead networks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from made.naive_probes import case

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes import networks
from layeratlas.probes.losses import Linear, Square
from layeratlas.probes.passes import passes
from layeratlas.probes.rates import balanced_rates, trained_rates


@given(seed=st.integers(0, 10**6), kind=st.sampled_from(["mlp", "resnet"]))
def test_balanced_rates_give_every_trained_layer_its_share(seed, kind):
    point = passes(*case(seed, kind=kind)[:4])
    trained = np.random.default_rng(seed).integers(0, 2, 6) > 0
    # A rare draw is dead; the test below is of such.
    assume((point.gradient_square[:, 1:][:, trained] > 0).all())
    contributions = balanced_rates(point, trained) * point.gradient_square[:, 1:]
    np.testing.assert_allclose(contributions, np.broadcast_to(trained / 6, (2, 6)), rtol=1e-14)


def test_frozen_layers_have_rate_zero():
    point = passes(*case(0)[:4])
    given_ = np.arange(1.0, 7.0)
    np.testing.assert_array_equal(trained_rates(point, "hidden", given_), [[0, 2, 3, 4, 5, 0]] * 2)
    np.testing.assert_array_equal(trained_rates(point, "all", given_), [given_] * 2)
    some = [True, False] * 3
    np.testing.assert_array_equal(trained_rates(point, some, given_), [[1, 0, 3, 0, 5, 0]] * 2)


def test_nothing_balances_a_dead_layer():
    weights = networks.draw(0, 5, 10)
    network = networks.resnet(5, 10, [0.5, 0.5], output_std=[0.1, 0.0])
    point = passes(weights, network, np.ones(10), Linear(1.0))
    with pytest.raises(ScalingError, match="gradient zero"):
        balanced_rates(point)
    rates = balanced_rates(point, dead="nan")
    assert np.isfinite(rates[0]).all() and np.isnan(rates[1]).all()


def test_unknown_layers_are_refused():
    point = passes(networks.draw(0, 5, 10), networks.mlp(5, 10), np.ones(10), Square(1.0))
    with pytest.raises(ValueError, match="trained must be 'hidden', 'all' or booleans, not 'some'"):
        trained_rates(point, "some")
    with pytest.raises(ValueError, match="trained must have 5 entries"):
        trained_rates(point, [True])
