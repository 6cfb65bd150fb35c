"""Residual networks as ensembles, with a hand-written backward pass.

    f_0 = x,   f_1 = W_1 x + b_1
    f_l = √(1 − β²) f_{l−1} + β W_l φ(f_{l−1}) + b_l       l = 2 … L − 1
    logits f_L = W_L f_{L−1} + b_L                         L = depth

φ is LeakyReLU_α with one α a member, β the branch scale; every f_l is a feature, L counts linear
maps. Shapes: W_l `(member, d_l, d_{l−1})`, f_l `(member, sample, d_l)`. The backward pass is

    δ_{l−1} = √(1 − β²) δ_l + β φ′(f_{l−1}) ∘ W_lᵀ δ_l,   δ_l = ∂loss/∂f_l

Source: Chizat and Netrapalli, "The Feature Speed Formula", Eq. 12, which has no biases; with
`training.scaling` they are 0 and stay so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from layeratlas.backends import Backend
from layeratlas.backends.dense import dense_kernels
from layeratlas.losses.base import Loss
from layeratlas.networks.affine import stacked
from layeratlas.networks.base import BatchNormMode, LayerFeatures
from layeratlas.networks.initialization.laws import Laws
from layeratlas.networks.stack import DenseStack, layouts


class ResidualMLP(DenseStack):
    """See the module docstring and `layeratlas.networks.base.Family`."""

    name = "residual_mlp"
    taken = ("depth", "width", "branch_scale")
    has_batch_norm = False

    def __init__(
        self,
        *,
        depth: int,
        width: int,
        branch_scale: float,
        n_features: int,
        n_classes: int,
        initialization: str | Laws = "uniform_fan_in",
        activation: str = "leaky_relu",
        biased: tuple[bool, bool] = (True, True),
    ):
        self.depth, self.branch_scale = depth, branch_scale
        self.shortcut = math.sqrt((1 - branch_scale) * (1 + branch_scale))
        self.layer_sizes = (n_features, *[width] * (depth - 1), n_classes)
        self.initialization, self.activation = initialization, activation
        names = ("embedding", *(f"residual_{i}" for i in range(2, depth)))
        self.layer_names = ("input", *names, "logits")
        sizes = self.layer_sizes
        self.parameters, self.statistics = layouts(
            list(zip(sizes[1:], sizes[:-1], strict=True)), (), biased
        )
        # b_l of a branch is added to the feature, past β: it is no part of h = W_l φ(f_{l−1}).
        own = [biased[0], *[False] * (depth - 2), biased[1]]
        self.affines = stacked(["dense"] * depth, 0, own)

    def by_kernels(self, backend: Backend, theta, statistics, members, loss) -> ResidualMLPEnsemble:
        return ResidualMLPEnsemble(self, backend, theta, statistics, members, loss)


class ResidualMLPEnsemble:
    """Members of one `ResidualMLP` on one backend. Buffers are kept per batch size."""

    def __init__(
        self, family: ResidualMLP, backend: Backend, theta, statistics, members, loss: Loss | None
    ):
        self.family, self.backend = family, backend
        self.size = theta.shape[0]
        self.theta, self.statistics = theta, statistics
        self.gradient = backend.zeros(*theta.shape)
        self.parameters = family.parameters.views(theta)
        self.gradients = family.parameters.views(self.gradient)
        for name, size in family.without_bias().items():
            self.parameters[name] = backend.zeros(self.size, size)
            self.gradients[name] = backend.zeros(self.size, size)
        self.slope = backend.vector(members["negative_slope"])
        self.loss = backend.vector(np.zeros(self.size))
        # The activation kernels of the MLP, without bias and dropout.
        self._no_bias = backend.zeros(self.size, family.layer_sizes[1])
        self._spare = backend.zeros(self.size, family.layer_sizes[1])
        self._no_dropout = backend.vector(np.zeros(self.size))
        # A network of which only features are asked has none.
        self._loss_kernel: Any = None if loss is None else loss.gradient_kernel(backend)
        self._kernels = dense_kernels(backend)
        self._buffers: dict[int, dict[str, Any]] = {}

    def loss_and_gradient(self, x, labels, dropout_keys, step: int) -> None:
        """Fill `loss` and `gradient`; see `layeratlas.networks.base.Ensemble`."""
        b, depth, p, g = self.backend, self.family.depth, self.parameters, self.gradients
        k = self._kernels
        beta, skip = self.family.branch_scale, self.family.shortcut
        buffers = self._of_batch(x.shape[1])
        active, f, z, logits = (buffers[name] for name in ("active", "f", "z", "logits"))
        b.matmul(x, b.transpose(p["weight_1"]), f)
        f += p["bias_1"][:, None]
        for layer in range(2, depth):
            h = active[layer]
            self._activate(f, h, dropout_keys)
            b.matmul(h, b.transpose(p[f"weight_{layer}"]), z)
            self._join(f, z, layer)
        b.matmul(f, b.transpose(p[f"weight_{depth}"]), logits)
        self._loss_kernel(logits, p[f"bias_{depth}"], labels, self.loss, g[f"bias_{depth}"])

        b.matmul(b.transpose(logits), f, g[f"weight_{depth}"])
        delta, branch = f, z  # both have been read for the last time
        b.matmul(logits, p[f"weight_{depth}"], delta)
        # A slope of 1 leaves δ as it is and sums it over samples: the gradient of the bias.
        ones, bias = buffers["ones"], g[f"bias_{depth - 1}"]
        k.bias_activation_backward(delta, delta, ones, self._no_dropout, bias)
        for layer in range(depth - 1, 1, -1):
            b.matmul(b.transpose(delta), active[layer], g[f"weight_{layer}"])
            g[f"weight_{layer}"][...] *= beta
            b.matmul(delta, p[f"weight_{layer}"], branch)
            branch *= beta
            # The activation has the sign of the feature, which is all that its slope needs.
            k.bias_activation_backward(
                branch, active[layer], self.slope, self._no_dropout, self._spare
            )
            delta *= skip
            delta += branch
            g[f"bias_{layer - 1}"][...] = skip * g[f"bias_{layer}"] + self._spare
        b.matmul(b.transpose(delta), x, g["weight_1"])

    def features(self, x, mode: BatchNormMode = "running_statistics") -> Iterator[LayerFeatures]:
        """Layers 0 … L on inputs `(sample, feature)`; without batch norm, modes are the same."""
        b, names, p, depth = (
            self.backend, self.family.layer_names, self.parameters, self.family.depth
        )  # fmt: skip
        f = b.zeros(self.size, *x.shape)
        f[...] = x
        yield LayerFeatures(0, names[0], f)
        sizes, one = self.family.layer_sizes, b.full((self.size, self.family.layer_sizes[1]), 1.0)
        for layer in range(1, depth + 1):
            z = b.zeros(self.size, x.shape[0], sizes[layer])
            h = f
            if 1 < layer < depth:
                h = b.zeros(*f.shape)
                h[...] = f
                self._kernels.affine_activation(h, one, self._no_bias, self.slope)
            b.matmul(h, b.transpose(p[f"weight_{layer}"]), z)
            if 1 < layer < depth:
                h[...] = f
                self._join(h, z, layer)
                z = h
            else:
                z += p[f"bias_{layer}"][:, None]
            yield LayerFeatures(layer, names[layer], z)
            f = z

    def _activate(self, f, out, keys) -> None:
        """out ← φ(f)."""
        out[...] = f
        self._kernels.bias_activation_forward(
            out, self._no_bias, self.slope, self._no_dropout, keys, 0
        )

    def _join(self, f, branch, layer: int) -> None:
        """f ← √(1 − β²) f + β branch + b_l; `branch` is overwritten."""
        f *= self.family.shortcut
        branch *= self.family.branch_scale
        f += branch
        f += self.parameters[f"bias_{layer}"][:, None]

    def _of_batch(self, batch: int) -> dict[str, Any]:
        """Scratch of one minibatch size; φ(f_{l−1}) of every branch is kept for its gradient."""
        if batch not in self._buffers:
            b, depth, sizes = self.backend, self.family.depth, self.family.layer_sizes
            hidden = (self.size, batch, sizes[1])
            self._buffers[batch] = {
                "active": [None, None, *(b.zeros(*hidden) for _ in range(2, depth))],
                "f": b.zeros(*hidden),
                "z": b.zeros(*hidden),
                "logits": b.zeros(self.size, batch, sizes[depth]),
                "ones": b.vector(np.ones(self.size)),
            }
        return self._buffers[batch]
