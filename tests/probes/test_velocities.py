"""Velocities against autograd on explicit matrices, and finite steps against real ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made.naive_probes import case, close, naive_features, naive_loss, naive_parts

from layeratlas.probes import measures, networks, passes, velocities
from layeratlas.probes.losses import Square


@given(
    seed=st.integers(0, 10**6),
    samples=st.integers(1, 9),
    kind=st.sampled_from(["mlp", "resnet"]),
    slope=st.sampled_from([0.0, 0.2, 1.0]),
    biased=st.booleans(),
)
def test_velocities_are_torch_jvps(seed, samples, kind, slope, biased):
    weights, network, x, loss, rates = case(
        seed, samples=samples, kind=kind, slope=slope, biased=biased
    )
    point = passes.passes(weights, network, x, loss)
    ours = list(velocities.velocities(point, rates))
    for setting in range(2):
        ws, biases, f, gw, gb, gf = naive_parts(weights, network, setting, x, loss)
        eta = rates[setting]
        moved = 1.0 if biased else 0.0
        _, tangents = torch.func.jvp(
            lambda w, b, s=setting: naive_features(network, s, w, b, torch.tensor(x)),
            ([w.detach() for w in ws], [b.detach() for b in biases]),
            (
                [-e * g for e, g in zip(eta, gw, strict=True)],
                [-moved * e * g for e, g in zip(eta, gb, strict=True)],
            ),
        )
        for layer in range(1, point.network.depth + 1):
            close(point.f[layer][setting], f[layer - 1])
            close(point.b[layer][setting], gf[layer - 1])
            close(point.gradient(layer)[setting], gw[layer - 1])
            close(ours[layer - 1][setting], tangents[layer - 1])
            square = (gw[layer - 1] ** 2).sum() + moved * (gb[layer - 1] ** 2).sum()
            close(point.gradient_square[setting, layer], square)


@pytest.mark.parametrize("kind", ["mlp", "resnet"])
def test_finite_step_is_a_real_step(kind):
    weights, network, x, loss, rates = case(3, samples=4, kind=kind)
    point = passes.passes(weights, network, x, loss)
    step = 0.2
    changes = list(velocities.finite_changes(point, rates, step))
    measured = measures.measure(point, rates, step)
    for setting in range(2):
        ws, biases, f, gw, _, _ = naive_parts(weights, network, setting, x, loss)
        with torch.no_grad():
            new = [w - step * e * g for w, e, g in zip(ws, rates[setting], gw, strict=True)]
            after = naive_features(network, setting, new, biases, torch.tensor(x))
            for change, a, b in zip(changes, after, f, strict=True):
                np.testing.assert_allclose(change[setting], (a - b).numpy(), atol=1e-11)
            difference = naive_loss(loss, after[-1]) - naive_loss(loss, f[-1])
        np.testing.assert_allclose(
            measured.loss_change[setting] * step, float(difference), rtol=1e-9, atol=1e-13
        )


def test_finite_step_approaches_the_velocity_linearly():
    weights, x = networks.draw(5, 30, 100), np.ones(10) / np.sqrt(10)
    network = networks.resnet(30, 100, [0.2, 1.0])
    exact = measures.probe(weights, network, x, Square(1.0))
    errors = []
    for step in (1e-6, 1e-7, 1e-8):
        finite = measures.probe(weights, network, x, Square(1.0), step=step)
        errors.append(np.abs(finite.df_rms[:, 29] / exact.df_rms[:, 29] - 1))
    assert (np.array(errors) < 1e4 * np.array([[1e-6], [1e-7], [1e-8]])).all()
    np.testing.assert_allclose(errors[1], errors[0] / 10, rtol=0.2)
