"""Second moments of cotangents against all cotangents, written out."""

from __future__ import annotations

import numpy as np
import pytest
from made.asked import signals_of
from made.passes import images, network_of
from made.steps import MODELS

from layeratlas.signals.network import Network

TIGHT = {"rtol": 1e-12, "atol": 1e-12}
every_model = pytest.mark.parametrize("model", MODELS)


@every_model
def test_an_exact_moment_is_of_one_draw_and_sums_over_outputs_and_positions(
    make_plan, monkeypatch, model
):
    network, seen = network_of(make_plan, model, members=2), images()
    found = signals_of(monkeypatch, network, seen, ("output_moments", "cotangents:classes"))
    for k, g in zip(found["output_moments"], found["cotangents:classes"], strict=True):
        assert k.shape[1] == 1
        np.testing.assert_allclose(k[:, 0], np.einsum("mospi,mospj->mij", g, g) / 11, **TIGHT)


@every_model
def test_each_projection_is_a_draw(make_plan, monkeypatch, model):
    network, seen = network_of(make_plan, model), images(projections=16)
    found = signals_of(monkeypatch, network, seen, ("output_moments", "cotangents:projections"))
    for k, g in zip(found["output_moments"], found["cotangents:projections"], strict=True):
        np.testing.assert_allclose(k, np.einsum("mdspi,mdspj->mdij", g, g) / 11, **TIGHT)


def test_a_moment_at_the_start_is_that_of_the_weights_then(make_plan, monkeypatch):
    network, seen = network_of(make_plan, next(iter(MODELS))), images()
    at_start = Network(network.trained, network.rows, network.initial, network.initial_statistics)
    then = signals_of(monkeypatch, network, seen, ("initial_output_moments",))
    now = signals_of(monkeypatch, at_start, seen, ("output_moments",))
    pairs = zip(then["initial_output_moments"], now["output_moments"], strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a, b, **TIGHT)
    with pytest.raises(ValueError, match="before training were not kept"):
        _ = at_start.at_start


@every_model
def test_the_gradient_of_weights_is_that_of_the_mean_loss_whatever_the_batches(
    make_plan, monkeypatch, model
):
    network, seen = network_of(make_plan, model), images()
    names = ("weight_gradient", "inputs", "cotangents:loss")
    found = signals_of(monkeypatch, network, seen, names)
    monkeypatch.setattr(network, "batch_size", lambda view, holds="features": 4)
    parts = signals_of(monkeypatch, network, seen, names[:1])
    for at, gradient in enumerate(found["weight_gradient"]):
        x, g = found["inputs"][at], found["cotangents:loss"][at]
        product = np.einsum("mspo,mspi->moi", g, x)
        if network.affines[at].kind == "scale":
            # Nothing off the diagonal is a weight.
            product *= np.eye(product.shape[-1])
        np.testing.assert_allclose(gradient, product, **TIGHT)
        np.testing.assert_allclose(parts["weight_gradient"][at], gradient, **TIGHT)
