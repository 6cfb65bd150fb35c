"""Probes written out: a small case, and its features and gradients by autograd on matrices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from layeratlas.probes import networks
from layeratlas.probes.losses import CrossEntropy, Linear, MeanSquare, Square


def case(seed, *, samples=1, depth=6, width=12, d=4, k=3, kind="resnet", slope=0.0, biased=False):
    """Weights, two settings of a network, inputs, a square loss, random unequal rates."""
    rng = np.random.default_rng(seed)
    weights = networks.draw(seed, depth, width, d, k)
    if biased:
        biases = [0.3 * rng.standard_normal(w.shape[0]) for w in weights.matrices]
        weights = replace(weights, biases=biases)
    if kind == "mlp":
        network = networks.mlp(
            depth, width, n_inputs=d, output_std=[0.3, 0.1], negative_slope=slope
        )
    else:
        network = networks.resnet(depth, width, [0.4, 1.0], n_inputs=d, negative_slope=slope)
    x = rng.standard_normal((samples, d))
    loss = Square(rng.standard_normal((samples, k)))
    return weights, network, x, loss, rng.uniform(0.1, 2.0, (2, depth))


def matrices(weights, network, setting):
    return [
        torch.tensor(network.multipliers[setting, i] * weights.matrix(i + 1))
        for i in range(weights.depth)
    ]


def naive_features(network, setting, ws, biases, x):
    """f_1 … f_L for matrices `ws`, `(sample, unit)`."""
    beta, last = float(network.branch_scale[setting]), len(ws)

    def phi(f):
        return torch.where(f > 0, f, network.negative_slope * f)

    f, kept = x, []
    for layer, (w, bias) in enumerate(zip(ws, biases, strict=True), start=1):
        if layer == 1:
            f = f @ w.T + bias
        elif layer < last:
            f = (1 - beta**2) ** 0.5 * f + beta * phi(f) @ w.T + bias
        else:
            f = (phi(f) if network.output_activation else f) @ w.T + bias
        kept.append(f)
    return kept


def naive_loss(loss, f):
    if isinstance(loss, Linear):
        return (torch.as_tensor(loss.gradient_at_output, dtype=torch.float64) * f).sum()
    if isinstance(loss, CrossEntropy):
        return torch.nn.functional.cross_entropy(f, torch.as_tensor(loss.labels))
    squares = (f - torch.as_tensor(loss.target, dtype=torch.float64)) ** 2
    return squares.mean() if isinstance(loss, MeanSquare) else squares.mean() / 2


def naive_parts(weights, network, setting, x, loss):
    """Parameters, their gradients, features and theirs."""
    ws = [w.requires_grad_() for w in matrices(weights, network, setting)]
    given_biases = weights.biases or [np.zeros(w.shape[0]) for w in weights.matrices]
    biases = [torch.tensor(b).requires_grad_() for b in given_biases]
    f = naive_features(network, setting, ws, biases, torch.tensor(x))
    found = torch.autograd.grad(naive_loss(loss, f[-1]), [*ws, *biases, *f])
    n = len(ws)
    return ws, biases, f, found[:n], found[n : 2 * n], found[2 * n :]


def close(ours, theirs):
    theirs = theirs.detach().numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12 * (1 + np.abs(theirs).max()))
