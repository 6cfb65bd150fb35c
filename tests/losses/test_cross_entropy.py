"""Cross entropy: fused and plain kernels, autograd and evaluation are one loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SHAPES, Draw, Vector, again, assert_agree

from layeratlas.losses.cross_entropy import CrossEntropy

LOSS = CrossEntropy()


@DTYPES
@again
@given(shape=SHAPES, seed=SEEDS, spread=st.sampled_from([1.0, 1e-3, 30.0]))
def test_kernels_are_the_loss_and_its_gradient(twins, plain_loss, dtype, shape, seed, spread):
    members, n, n_classes = shape
    draw = Draw(seed, dtype)
    logits = draw.real(*shape) * np.dtype(dtype).type(spread)
    bias, labels = draw.real(members, n_classes), draw.labels(members, n, n_classes)
    both = twins(
        LOSS.gradient_kernel, dtype, logits, bias, labels, Vector(np.zeros(members)),
        draw.real(members, n_classes),
    )  # fmt: skip
    assert_agree(*both, dtype)
    leaf = torch.as_tensor(logits + bias[:, None]).double().requires_grad_()
    losses = torch.stack(
        [
            plain_loss("cross_entropy")(z, torch.as_tensor(y))
            for z, y in zip(leaf, labels, strict=True)
        ]
    )
    losses.sum().backward()
    gradient, bias_gradient = leaf.grad.numpy(), leaf.grad.sum(1).numpy()
    for found in both:
        assert_agree(
            [found[0], found[3], found[4]],
            [gradient, losses.detach().numpy(), bias_gradient],
            dtype,
        )


@given(shape=SHAPES, seed=SEEDS)
def test_autograd_and_evaluation_are_torchs_own(plain_loss, shape, seed):
    members, n, n_classes = shape
    draw = Draw(seed, "float64")
    logits, labels = draw.real(*shape), draw.labels(members, n, n_classes)
    z, y = torch.as_tensor(logits), torch.as_tensor(labels)
    expected = torch.stack([plain_loss("cross_entropy")(*pair) for pair in zip(z, y, strict=True)])
    torch.testing.assert_close(LOSS.mean(z, y), expected)
    for e in range(members):
        found = LOSS.evaluate(logits[e : e + 1], labels[e])
        np.testing.assert_allclose(found, [float(expected[e])], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_broken_logit_shows_in_the_loss(twins, bad):
    logits = np.zeros((2, 3, 4))
    logits[0, 1, 2] = bad
    labels, bias = np.zeros((2, 3), np.int64), np.zeros((2, 4))
    for after in twins(
        LOSS.gradient_kernel, "float64", logits, bias, labels, Vector([0.0, 0.0]), bias
    ):
        broken, sound = after[3]
        assert not np.isfinite(broken) and np.isfinite(sound)
