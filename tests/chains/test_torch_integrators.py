"""Chains in torch move as those of the compiled kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.chains import torch_integrators
from layeratlas.chains.integrators import first_order, second_order

# "cpu:0" is torch's name of the processor: the GPU's code, on this machine.
TORCH_DEVICES = [
    "cpu:0",
    pytest.param(
        "cuda",
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA GPU"),
    ),
]


@pytest.mark.parametrize("device", TORCH_DEVICES)
@settings(max_examples=15, deadline=None)
@given(length=st.integers(1, 8), noise=st.sampled_from([0.0, 0.2]), seed=st.integers(0, 50))
def test_torch_moves_first_order_chains_alike(device, length, noise, seed):
    rng = np.random.default_rng(seed)
    given = {
        "length": length, "steps": 40, "record": [0, 1, 17, 40], "seeds": range(seed, seed + 5),
        "friction_right": rng.uniform(0, 0.2, 5), "friction_left": rng.uniform(0, 0.2, 5),
        "noise": noise * rng.uniform(0, 1, 5), "stiffness": rng.uniform(0.5, 1.5, 5),
        "target": rng.uniform(-1, 2, 5), "step_size": 0.05,
    }  # fmt: skip
    done = []
    got = first_order(**given, device=device, progress=done.append)
    np.testing.assert_allclose(got, first_order(**given), atol=1e-5)
    assert sum(done) == 5 * 40


@pytest.mark.parametrize("device", TORCH_DEVICES)
@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_torch_moves_second_order_chains_alike(device, common, noise):
    given = {
        "length": 5, "steps": 60, "record": [0, 30, 60], "seeds": [1, 2, 3],
        "friction_right": [0.0, 0.003, 0.01], "friction_left": 0.004, "noise": noise,
        "noise_decay": 0.01, "stiffness": 0.3, "mass": 1.5, "damping": 0.8, "target": 0.9,
        "step_size": 0.05, "common_noise": common,
    }  # fmt: skip
    for ours, theirs in zip(
        second_order(**given, device=device), second_order(**given), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_torch_draws_the_same_in_any_batch_of_steps(monkeypatch):
    given = {
        "length": 3, "steps": 50, "record": [50], "seeds": [1, 2], "friction_right": 0.1,
        "friction_left": 0.15, "noise": 0.3, "device": "cpu:0",
    }  # fmt: skip
    whole = first_order(**given)
    monkeypatch.setattr(torch_integrators, "_NORMALS", 8 * 2 * 4 * 7)
    np.testing.assert_array_equal(first_order(**given), whole)


def test_still_chains_stay_at_their_start():
    far = {"friction_right": 5.0, "friction_left": 5.0, "noise": 0.0, "device": "cpu:0"}
    D = first_order(length=3, steps=10, record=[0, 10], seeds=[1, 2], target=1.5, **far)
    np.testing.assert_array_equal(D, 1.5)
