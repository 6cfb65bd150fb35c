"""Residuals and logits: against autograd, whole and in batches, of classes and of numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.asked import signals_of
from made.networks import MODES
from made.passes import images, network_of

from layeratlas.metrics import trained
from layeratlas.signals.residual import logits, residual_sums
from layeratlas.signals.tape import passed
from layeratlas.signals.views import Seen, View


@pytest.mark.parametrize("on_torch", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_logits_are_those_of_the_pass(make_plan, on_torch, mode):
    network = network_of(make_plan, "mlp with batch norm", on_torch, members=2)
    seen = images(batch_norm=mode)
    found = logits(network, seen)
    np.testing.assert_allclose(np.asarray(found), passed(network, seen).f.detach(), atol=1e-12)
    kept = np.asarray(found).copy()
    logits(network, images(7))
    np.testing.assert_array_equal(found, kept)
    assert trained.predictions(found).shape == (2, 11, 3)


def plain(network, seen, y):
    """⟨w, Ỹ⟩/(‖w‖ ‖Ỹ‖) with w from autograd, member by member."""
    f = torch.as_tensor(np.asarray(logits(network, seen))).requires_grad_()
    targets = torch.as_tensor(seen.targets)
    for m in range(len(f)):
        loss = (
            torch.nn.functional.cross_entropy(f[m], targets, reduction="sum")
            if y is None
            else ((f[m] - targets) ** 2).sum() / y
        )
        (w,) = torch.autograd.grad(loss, f, retain_graph=True)
        labels = torch.eye(3, dtype=torch.float64)[targets] if y is None else targets
        labels = labels - labels.mean(0)
        yield float((w[m] * labels).sum() / (w[m].norm() * labels.norm()))


@pytest.mark.parametrize("on_torch", [False, True])
def test_the_cosine_of_residual_and_labels(make_plan, monkeypatch, on_torch):
    network, seen = network_of(make_plan, "mlp", on_torch, members=2), images(40)
    (sums,) = signals_of(monkeypatch, network, seen, ("residual_sums",), "network")["residual_sums"]
    found = trained.residual_label_cosine(sums, seen)
    np.testing.assert_allclose(found, list(plain(network, seen, None)), rtol=1e-12)
    monkeypatch.setattr(network, "batch_size", lambda view, holds="features": 7)
    (parts,) = signals_of(monkeypatch, network, seen, ("residual_sums",), "network")[
        "residual_sums"
    ]
    np.testing.assert_allclose(trained.residual_label_cosine(parts, seen), found, rtol=1e-12)


def test_numbers_are_labels_as_they_are(make_plan):
    network = network_of(make_plan, "mlp")
    network.plan.shared["training"] |= {"loss": "half_squared_error"}
    rng = np.random.default_rng(0)
    seen = images()
    seen = Seen(View(), seen.x, rng.normal(size=(11, 3)) + 2)
    sums = residual_sums(network, logits(network, seen), seen)
    np.testing.assert_allclose(
        trained.residual_label_cosine(sums, seen), list(plain(network, seen, 2)), rtol=1e-10
    )
