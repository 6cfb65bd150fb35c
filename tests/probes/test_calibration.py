"""Automatic FSC gives what it promises: unit features and speed, equal contributions."""

from __future__ import annotations

import numpy as np
import pytest
from made.naive_probes import case

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes import calibration, measures, networks
from layeratlas.probes.losses import Linear, Square


@pytest.mark.parametrize("kind", ["mlp", "resnet"])
@pytest.mark.parametrize("loss", [Linear(np.array([1.0, -0.5])), Square(np.array([3.0, -2.0]))])
@pytest.mark.parametrize("samples", [1, 3])
def test_calibration(kind, loss, samples):
    depth, width = 8, 60
    weights = networks.draw(3, depth, width, 5, 2)
    x = np.random.default_rng(1).standard_normal((samples, 5))
    network = (
        networks.mlp(depth, width, n_inputs=5)
        if kind == "mlp"
        else networks.resnet(depth, width, [0.1, 0.35, 1.0], n_inputs=5)
    )
    calibrated, rates = calibration.calibrate_fsc(weights, network, x, loss)
    result = measures.probe(weights, calibrated, x, loss, trained="all", learning_rates=rates)
    np.testing.assert_allclose(-result.loss_change, 1, rtol=1e-10)
    np.testing.assert_allclose(result.df_rms[:, depth - 1], 1, rtol=1e-10)
    np.testing.assert_allclose(result.f_rms[:, 1:depth], 1, rtol=1e-10)
    np.testing.assert_allclose(result.contribution[:, 1:], 1 / depth, rtol=1e-10)


def test_calibration_refuses_biases():
    weights, network, x, loss, _ = case(0, biased=True)
    with pytest.raises(ScalingError, match="not defined for a network with biases"):
        calibration.calibrate_fsc(weights, network, x, loss)


def test_a_network_without_a_gradient_is_refused():
    weights = networks.draw(0, 5, 20)
    with pytest.raises(ScalingError, match="gradient zero"):
        calibration.calibrate_fsc(weights, networks.mlp(5, 20), np.ones(10), Linear(0.0))


def test_a_feature_that_vanishes_is_refused():
    weights = networks.draw(0, 5, 20)
    with pytest.raises(ScalingError, match="feature 1 vanishes"):
        calibration.calibrate_fsc(weights, networks.mlp(5, 20), np.zeros(10), Linear(1.0))
