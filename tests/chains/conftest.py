"""Chains moved by NumPy, one at a time: the twin of the integrators."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from layeratlas.backends.plain.words import threefry
from layeratlas.runs.streams import keys


def draws(seed: int, step: int, length: int, noise: float) -> np.ndarray:
    """Normals of one step, straight from the words: the twin of the kernel's `_normals`."""
    if noise == 0:
        return np.zeros(length)
    import torch

    words = torch.as_tensor(keys([seed], "springs").astype(np.int64))
    values = []
    for pair in range((length + 1) // 2):
        # Element = step, stream = pair of blocks.
        b0, b1 = (int(w[0, step]) for w in threefry(words, step + 1, pair))
        u = (b0 >> 8) * 2.0**-24 + 2.0**-25
        turn = b1 * 2 * np.pi / 2**32
        radius = np.sqrt(-2 * np.log(u))
        values += [radius * np.cos(turn), radius * np.sin(turn)]
    return np.array(values[:length])


def naive_first_order(seed, length, steps, k, y, eta, right, left, noise):
    x = np.zeros(length + 2)
    x[-1] = y
    for step in range(1, steps + 1):
        z = k * (x[2:] - 2 * x[1:-1] + x[:-2]) + noise * draws(seed, step, length, noise)
        x[1:-1] += eta * (np.maximum(z - right, 0) - np.maximum(-z - left, 0))
    return y - x[:-1]


def naive_second_order(seed, length, steps, k, m, gamma, y, dt, right, left, noise, decay, common):
    x, v = np.zeros(length + 2), np.zeros(length + 2)
    x[-1] = y
    for step in range(1, steps + 1):
        xi = draws(seed, step, length, noise)
        xi = np.full(length, xi.sum()) if common else xi
        inner = v[1:-1]
        friction = np.where(inner > 0, right, np.where(inner < 0, -left, 0.0))
        force = (k * (x[2:] - 2 * x[1:-1] + x[:-2]) - gamma * inner) / m - friction
        strength = noise * np.exp(-decay * dt * (step - 1)) * np.sqrt(dt)
        x = x + dt * v
        v = v.copy()
        v[1:-1] = inner + dt * force + strength * xi
    return y - x[:-1], v[:-1]


@pytest.fixture(scope="session")
def naive():
    """`naive.first_order(seed, …)` and `naive.second_order(seed, …)`: y − x_l, v_l at the end."""
    return SimpleNamespace(first_order=naive_first_order, second_order=naive_second_order)
