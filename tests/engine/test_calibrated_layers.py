"""Automatic FSC of a network in training is that of the probe of its weights."""

from __future__ import annotations

import numpy as np
import pytest
from made.scaled import GD, RESNET, scaled, start

from layeratlas.engine.calibrated_layers import calibrated_layers
from layeratlas.probes import measures, networks
from layeratlas.probes.losses import CrossEntropy, MeanSquare


@pytest.mark.parametrize("model", [{}, RESNET], ids=["mlp", "residual_mlp"])
@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_calibration_gives_unit_decay_and_speed(make_plan, data, model, loss):
    """The probe of the very weights that training starts from: -dloss/dt = |df|_rms = 1."""
    images, labels = data
    plan = make_plan(2, model={"depth": 5, "width": 40}, training=GD | {"loss": loss},
                     negative_slope=(0.0, 0.3))  # fmt: skip
    plan = scaled(plan, "fsc_auto", model=model)
    family, begin = start(plan, data)
    theta, _ = begin.weights([0, 1])
    rates = begin.rates([0, 1])
    of_loss = (
        CrossEntropy(labels[:16]) if loss == "cross_entropy" else MeanSquare(np.eye(3)[labels[:16]])
    )
    for e, slope in enumerate(plan.members["negative_slope"]):
        views = family.parameters.views(theta[e : e + 1])
        weights = networks.Weights([views[f"weight_{i}"][0] for i in range(1, 6)])
        ones = {"stds": np.ones(5), "negative_slope": slope}
        network = networks.resnet(5, 40, 0.5, **ones) if model else networks.mlp(5, 40, **ones)
        found = measures.probe(
            weights, network, images[:16], of_loss, trained="all", learning_rates=rates[e, ::2]
        )
        np.testing.assert_allclose(found.f_rms[0, 1:-1], 1, rtol=1e-9)
        np.testing.assert_allclose(found.contribution[0, 1:], 1 / 5, rtol=1e-9)
        np.testing.assert_allclose(found.df_rms[0, -2], 1, rtol=1e-9)
        np.testing.assert_allclose(found.loss_change, -1, rtol=1e-9)
        assert (rates[e, 1::2] == 0).all()


def test_a_loss_that_no_probe_knows_is_an_error():
    drawn = [np.ones((4, 3)), np.ones((4, 4)), np.ones((2, 4))]
    model = {"family": "mlp", "depth": 3}
    with pytest.raises(KeyError, match="hinge"):
        calibrated_layers(model, drawn, 0.0, np.ones((2, 3)), np.array([0, 1]), "hinge")
