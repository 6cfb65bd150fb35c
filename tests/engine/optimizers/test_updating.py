"""Optimisers of one function: the engine's own written so, frozen tensors, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from array_api_compat import array_namespace

from layeratlas.backends import get_backend
from layeratlas.engine.optimizers.registry import load_optimizer
from layeratlas.engine.optimizers.updating import optimizer_of, refuse_unfit
from layeratlas.engine.settings import TrainingSettings
from layeratlas.errors import ConfigError
from layeratlas.networks.stack import layouts

LAYOUT, _ = layouts([(4, 3), (1, 4)], (3, 4))


def adam(theta, gradient, state, rate, step, settings):
    """Adam, as an extension would write it."""
    b1, b2 = settings["beta1"], settings["beta2"]
    m, v = b1 * state[0] + (1 - b1) * gradient, b2 * state[1] + (1 - b2) * gradient**2
    size = rate * m / (1 - b1**step)
    return theta - size / ((v / (1 - b2**step)) ** 0.5 + settings["eps"]), (m, v)


def sign(theta, gradient, state, rate, step, settings):
    """Sign descent, with a layerwise norm: neither elementwise nor of the rate alone."""
    xp = array_namespace(theta)
    norm = xp.sum(xp.abs(theta), axis=tuple(range(1, theta.ndim)), keepdims=True)
    return theta - 1e-2 * norm * xp.sign(gradient), ()


def steps_of(optimizer, backend, theta, n=4):
    rng = np.random.default_rng(1)
    placed = backend.from_numpy(theta)
    for step in range(1, n + 1):
        optimizer.step(placed, backend.from_numpy(rng.normal(size=theta.shape)), step)
    return backend.to_numpy(placed)


@pytest.mark.parametrize("on_torch", [False, True])
def test_it_steps_as_the_engines_own(on_torch):
    theta = np.random.default_rng(0).normal(size=(3, LAYOUT.width))
    rates = np.full((3, len(LAYOUT.tensors)), 0.1)
    rates[1, 2] = rates[:, 0] = 0  # frozen: of one member, and of all
    backend = get_backend("cpu", "float64", torch=on_torch)
    settings = TrainingSettings().model_dump()
    one = load_optimizer("adam")(settings, LAYOUT, backend, rates)
    other = optimizer_of("own", adam, 2)({"optimizer_settings": settings}, LAYOUT, backend, rates)
    found, expected = (steps_of(o, backend, theta) for o in (other, one))
    for name, tensor in LAYOUT.views(found).items():
        np.testing.assert_allclose(tensor, LAYOUT.views(expected)[name], rtol=1e-12)
    first = LAYOUT.tensors[0].name
    np.testing.assert_array_equal(LAYOUT.views(found)[first], LAYOUT.views(theta)[first])
    for mine, theirs in zip(other.state, one.state, strict=True):
        last = LAYOUT.tensors[-1].name
        a, b = (LAYOUT.views(backend.to_numpy(m))[last] for m in (mine, theirs))
        np.testing.assert_allclose(a, b, atol=1e-14)
        assert (a != 0).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_members_bits_do_not_depend_on_its_neighbours(dtype):
    theta = np.random.default_rng(0).normal(size=(5, LAYOUT.width)).astype(dtype)
    backend = get_backend("cpu", dtype)
    gradient = np.random.default_rng(1).normal(size=theta.shape).astype(dtype)
    rate = np.full(5, 0.1)

    def step(rows):
        optimizer = optimizer_of("own", sign, 0)({}, LAYOUT, backend, rate[rows])
        moved = theta[rows].copy()
        optimizer.step(moved, gradient[rows].copy(), 1)
        assert moved.dtype == dtype
        return moved

    together = step(slice(None))
    assert (together != theta).any()
    for e in range(5):
        np.testing.assert_array_equal(step(slice(e, e + 1))[0], together[e])


def test_members_step_alike_on_torch():
    theta = np.random.default_rng(0).normal(size=(3, LAYOUT.width))
    found = []
    for on_torch in (False, True):
        backend = get_backend("cpu", "float64", torch=on_torch)
        optimizer = optimizer_of("own", sign, 0)({}, LAYOUT, backend, np.array([0.1, 0.0, 0.2]))
        found.append(steps_of(optimizer, backend, theta))
    np.testing.assert_allclose(*found, rtol=1e-12)
    np.testing.assert_array_equal(found[1][1], theta[1])  # a rate of 0 moves nothing


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA GPU here")
def test_members_step_alike_on_a_gpu():
    theta = np.random.default_rng(0).normal(size=(3, LAYOUT.width))
    found = []
    for device in ("cpu", "cuda"):
        backend = get_backend(device, "float64")
        optimizer = optimizer_of("own", sign, 0)({}, LAYOUT, backend, np.array([0.1, 0.0, 0.2]))
        found.append(steps_of(optimizer, backend, theta))
    np.testing.assert_allclose(*found, rtol=1e-12)


@pytest.mark.parametrize(
    ("update", "told"),
    [
        (lambda w, g, s, r, t, o: (w.ravel(), ()), "a tensor of shape .* came back as .*shape"),
        (lambda w, g, s, r, t, o: (w, (g,)), "says moments=0, its update returned 1"),
        (
            lambda w, g, s, r, t, o: (w - o["power"] * g, ()),
            "breaks on a small tensor, at line .*KeyError",
        ),
        (lambda w, g: w, "breaks on a small tensor.*TypeError"),
        (lambda w, g, s, r, t, o: w, "breaks on a small tensor"),
    ],
)
def test_what_cannot_step_is_refused_before_any_job(update, told):
    with pytest.raises(ConfigError, match=told) as refused:
        refuse_unfit("own", update, 0, {})
    assert str(refused.value).startswith("optimizer 'own': ") and len(str(refused.value)) <= 380
    refuse_unfit("adam", adam, 2, {"beta1": 0.9, "beta2": 0.9, "eps": 1e-8})
