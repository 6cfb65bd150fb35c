"""Members together in one graph against members one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made.modules import ZOO, family_of

from layeratlas.backends import get_backend
from layeratlas.losses.cross_entropy import CrossEntropy
from layeratlas.networks.module.ensemble import outputs_together
from layeratlas.runs.streams import keys


@pytest.mark.parametrize("name", ZOO)
def test_members_in_one_graph_give_what_they_give_alone(name):
    """Outputs, statistics and gradients, with dropout where the network has any."""
    changes = {"settings": {"dropout": 0.3}} if "dropout" in ZOO[name][0] else {}
    family = family_of(name, **changes)
    assert bool(family.survey.drops) == bool(changes)
    backend = get_backend("cpu", "float64", torch=True)
    theta, statistics = (backend.from_numpy(v) for v in family.initialize([1, 2, 3]))
    before = family.statistics.views(statistics.clone())
    ensemble = family.ensemble(backend, theta, statistics, {}, CrossEntropy())
    rng = np.random.default_rng(0)
    x, labels = torch.as_tensor(rng.normal(size=(3, 5, 192))), torch.randint(4, (3, 5))
    words = backend.keys(keys([1, 2, 3], "dropout", 1))
    ensemble.loss_and_gradient(x, labels, words, 4)
    one_by_one = family.parameters.views(ensemble.gradient.clone())
    named = {n: v.clone().requires_grad_() for n, v in family.parameters.views(theta).items()}
    factors = ensemble._factors(slice(None), 5, words, 4)
    outputs, held = outputs_together(family, named, before, x, factors)
    losses = torch.stack(
        [torch.nn.functional.cross_entropy(outputs[e], labels[e]) for e in range(3)]
    )
    torch.testing.assert_close(losses.detach(), ensemble.loss, rtol=1e-12, atol=1e-12)
    gradients = torch.autograd.grad(losses.sum(), tuple(named.values()))
    for key, gradient in zip(named, gradients, strict=True):
        torch.testing.assert_close(gradient, one_by_one[key], rtol=1e-9, atol=1e-11)
    running = family.statistics.views(statistics)
    for key, value in held.items():
        torch.testing.assert_close(value, running[key], rtol=1e-10, atol=1e-12)


def test_dropout_has_the_modules_rate_and_words_of_the_step():
    family = family_of("AlexNet", settings={"dropout": 0.5})
    backend = get_backend("cpu", "float32", torch=True)
    theta, statistics = (backend.from_numpy(v) for v in family.initialize([1, 2]))
    ensemble = family.ensemble(backend, theta, statistics, {}, CrossEntropy())
    words = backend.keys(keys([1, 2], "dropout", 1))
    first = ensemble._factors(slice(None), 300, words, 0)
    assert [tuple(f.shape) for f in first] == [(2, 300, 48), (2, 300, 16)]
    assert set(first[0].unique().tolist()) == {0.0, 2.0}
    assert float(first[0].mean()) == pytest.approx(1, abs=0.05)
    assert not torch.equal(first[0], ensemble._factors(slice(None), 300, words, 1)[0])
    assert torch.equal(first[1][1:], ensemble._factors(slice(1, 2), 300, words, 0)[1])


def test_a_step_of_several_members_on_a_gpu():
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    family = family_of("ResNet")
    found = {}
    for device in ("cpu", "cuda"):
        backend = get_backend(device, "float64", torch=True)
        theta, statistics = (backend.from_numpy(v) for v in family.initialize([1, 2]))
        ensemble = family.ensemble(backend, theta, statistics, {}, CrossEntropy())
        x = backend.from_numpy(np.random.default_rng(0).normal(size=(2, 5, 192)))
        labels = backend.from_numpy(np.arange(10).reshape(2, 5) % 4)
        ensemble.loss_and_gradient(x, labels, backend.keys(keys([1, 2], "dropout", 1)), 0)
        found[device] = ensemble.gradient.cpu(), ensemble.statistics.cpu()
    for a, b in zip(*found.values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)
