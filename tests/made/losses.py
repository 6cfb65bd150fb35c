"""What every loss is checked for, on random arguments; `loss_of` is torch's own."""

from __future__ import annotations

import numpy as np
import torch

from made.kernels import Draw, Vector, assert_agree


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
