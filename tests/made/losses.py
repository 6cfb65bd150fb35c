"""What every loss is checked for, on random arguments; `loss_of` is torch's own."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import strategies as st

from made.kernels import Draw, Vector, assert_agree

#: Targets of a loss of classes and of vectors: classes, numbers, signs.
KINDS = st.sampled_from(["classes", "numbers", "signs"])


def as_signs(f, y) -> torch.Tensor:
    """Signs for outputs `(sample, output)`: a class against the rest; of one output, 1 is +."""
    if y.is_floating_point():
        return y
    n, k = f.shape
    signs = -torch.ones_like(f)
    for i in range(n):
        if k == 1:
            signs[i, 0] = 1 if y[i] == 1 else -1
        else:
            signs[i, y[i]] = 1
    return signs


def each(loss_of, logits, labels) -> torch.Tensor:
    """The loss of every member, in torch's words."""
    return torch.stack([loss_of(z, y) for z, y in zip(logits, labels, strict=True)])


def check_kernels(loss, loss_of, twins, dtype, shape, seed, spread) -> None:
    """Both kernels give the loss of logits + bias and its gradients."""
    members, n, n_classes = shape
    draw = Draw(seed, dtype)
    logits = draw.real(*shape) * np.dtype(dtype).type(spread)
    bias, labels = draw.real(members, n_classes), draw.labels(members, n, n_classes)
    both = twins(
        loss.gradient_kernel, dtype, logits, bias, labels, Vector(np.zeros(members)),
        draw.real(members, n_classes),
    )  # fmt: skip
    assert_agree(*both, dtype)
    leaf = torch.as_tensor(logits + bias[:, None]).double().requires_grad_()
    losses = each(loss_of, leaf, torch.as_tensor(labels))
    losses.sum().backward()
    gradient, bias_gradient = leaf.grad.numpy(), leaf.grad.sum(1).numpy()
    for found in both:
        assert_agree(
            [found[0], found[3], found[4]],
            [gradient, losses.detach().numpy(), bias_gradient],
            dtype,
        )


def check_mean_and_evaluation(loss, loss_of, shape, seed) -> None:
    """`mean`, for autograd, and `evaluate`, for arrays, are torch's own."""
    members, n, n_classes = shape
    draw = Draw(seed, "float64")
    logits, labels = draw.real(*shape), draw.labels(members, n, n_classes)
    z, y = torch.as_tensor(logits), torch.as_tensor(labels)
    expected = each(loss_of, z, y)
    torch.testing.assert_close(loss.mean(z, y), expected)
    for e in range(members):
        found = loss.evaluate(logits[e : e + 1], labels[e])
        np.testing.assert_allclose(found, [float(expected[e])], rtol=1e-12, atol=1e-14)


def check_broken_logit(loss, twins, bad) -> None:
    """A logit that is no number shows in the loss of its member, and in no other."""
    logits = np.zeros((2, 3, 4))
    logits[0, 1, 2] = bad
    labels, bias = np.zeros((2, 3), np.int64), np.zeros((2, 4))
    both = twins(loss.gradient_kernel, "float64", logits, bias, labels, Vector([0.0, 0.0]), bias)
    for after in both:
        broken, sound = after[3]
        assert not np.isfinite(broken) and np.isfinite(sound)


def drawn_targets(draw: Draw, kind: str, shape) -> np.ndarray:
    """Random targets of outputs of that shape."""
    members, n, k = shape
    if kind == "classes":
        # Of a single output there are two.
        return draw.labels(members, n, max(k, 2)) if k == 1 else draw.labels(members, n, k)
    numbers = draw.real(*shape)
    return np.sign(numbers) if kind == "signs" else numbers


def check_loss(loss, naive, twins, dtype, shape, seed, spread, kind) -> None:
    """A loss in all its ways is `naive(outputs, targets)`, the loss of one member in torch.

    Fused and plain kernels, with a bias and its gradient; value and gradient, of numpy and torch
    alike; the mean that autograd differentiates; evaluation.
    """
    members, n, k = shape
    draw = Draw(seed, dtype)
    outputs = draw.real(*shape) * np.dtype(dtype).type(spread)
    bias, targets = draw.real(members, k), drawn_targets(draw, kind, shape)
    both = twins(
        loss.gradient_kernel, dtype, outputs, bias, targets, Vector(np.zeros(members)),
        draw.real(members, k),
    )  # fmt: skip
    assert_agree(*both, dtype)
    leaf = torch.as_tensor(outputs + bias[:, None]).double().requires_grad_()
    y = torch.as_tensor(targets)
    losses = torch.stack([naive(leaf[e], y[e]) for e in range(members)])
    losses.sum().backward()
    gradient, expected = leaf.grad.numpy(), losses.detach().numpy()
    for found in both:
        assert_agree([found[0], found[3], found[4]], [gradient, expected, gradient.sum(1)], dtype)
    z = leaf.detach().numpy()
    y64 = targets.astype(float) if kind != "classes" else targets
    close = {"rtol": 1e-11, "atol": 1e-12}
    np.testing.assert_allclose(loss.value(z, y64).mean(1), expected, **close)
    np.testing.assert_allclose(loss.gradient(z, y64) / n, gradient, **close)
    for name in ("value", "gradient"):
        of_torch = getattr(loss, name)(torch.as_tensor(z), torch.as_tensor(y64))
        np.testing.assert_allclose(of_torch, getattr(loss, name)(z, y64), **close)
    again = torch.as_tensor(z).requires_grad_()
    mean = loss.mean(again, torch.as_tensor(y64))
    np.testing.assert_allclose(mean.detach(), expected, **close)
    mean.sum().backward()
    np.testing.assert_allclose(again.grad, gradient, **close)
    for e in range(members):
        np.testing.assert_allclose(loss.evaluate(z[e : e + 1], y64[e]), expected[e], **close)
