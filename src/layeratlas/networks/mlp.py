"""Multilayer perceptrons as ensembles, with a hand-written backward pass.

With batch norm (reference architecture of the spring–block paper, §2.2 of its specification):

    h_0 = BN(x)                                 feature 0
    z_l = W_l h_{l-1} + b_l                     l = 1 … depth-1
    a_l = LeakyReLU_α(BN(z_l))                  feature l
    h_l = Dropout_p(a_l)
    logits = W_L h_{L-1} + b_L                  feature L = depth

Without, h_0 = x and a_l = LeakyReLU_α(z_l). Shapes: W_l `(member, d_l, d_{l-1})`, activations
`(member, sample, d_l)`; α and p are one number a member. The gradient is written out rather
than left to autograd because fused kernels halve the time of a step (`benchmarks/training`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layeratlas.backends import Backend
from layeratlas.backends.dense import dense_kernels
from layeratlas.losses.base import Loss
from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.networks.affine import stacked
from layeratlas.networks.base import BN_EPS, BN_MOMENTUM, BatchNormMode, LayerFeatures
from layeratlas.networks.initialization.laws import Laws
from layeratlas.networks.stack import DenseStack, biases, layouts
from layeratlas.tables import resolve


class MLP(DenseStack):
    """See the module docstring and `layeratlas.networks.base.Family`."""

    name = "mlp"
    taken = ("depth", "width", "batch_norm")

    def __init__(
        self,
        *,
        depth: int,
        width: int,
        n_features: int,
        n_classes: int,
        batch_norm: bool,
        initialization: str | Laws = "uniform_fan_in",
        activation: str = "leaky_relu",
        biased: tuple[bool, bool] = (True, True),
    ):
        self.depth = depth
        self.layer_sizes = (n_features, *[width] * (depth - 1), n_classes)
        self.has_batch_norm = batch_norm
        self.initialization, self.activation = initialization, activation
        self.layer_names = ("input", *(f"hidden_{i}" for i in range(1, depth)), "logits")
        sizes = self.layer_sizes
        self.parameters, self.statistics = layouts(
            list(zip(sizes[1:], sizes[:-1], strict=True)),
            sizes[:-1] if batch_norm else (),
            biased,
        )
        self.affines = stacked(["dense"] * depth, depth if batch_norm else 0, biases(biased, depth))

    def by_kernels(self, backend: Backend, theta, statistics, members, loss) -> MLPEnsemble:
        return MLPEnsemble(self, backend, theta, statistics, members, loss)


class MLPEnsemble:
    """Members of one `MLP` on one backend. Activation buffers are kept per batch size."""

    def __init__(
        self, family: MLP, backend: Backend, theta, statistics, members, loss: Loss | None
    ):
        self.family = family
        self.backend = backend
        self.size = theta.shape[0]
        self.theta = theta
        self.gradient = backend.zeros(*theta.shape)
        self.statistics = statistics
        self.parameters = family.parameters.views(theta)
        self.gradients = family.parameters.views(self.gradient)
        for name, size in family.without_bias().items():
            self.parameters[name] = backend.zeros(self.size, size)
            self.gradients[name] = backend.zeros(self.size, size)
        self.running = family.statistics.views(statistics)
        self.slope = backend.vector(members["negative_slope"])
        self.dropout = backend.vector(members["dropout"])
        self.none = backend.vector(np.zeros(self.size))
        self.identity = backend.vector(np.ones(self.size))
        self.loss = backend.vector(np.zeros(self.size))
        # A network of which only features are asked has none.
        self._loss_kernel: Any = None if loss is None else loss.gradient_kernel(backend)
        self._kernels = dense_kernels(backend)
        activation = ACTIVATIONS[family.activation]
        self._written = None if activation.fused else resolve(str(activation.written))
        self._drops = bool((self.dropout > 0).any())
        self._buffers: dict[int, _Activations] = {}

    def loss_and_gradient(self, x, labels, dropout_keys, step: int) -> None:
        b, k, f = self.backend, self._kernels, self.family
        p, g, running = self.parameters, self.gradients, self.running
        buffers = self._activations(x.shape[1])
        depth = f.depth
        # A stream is (step, layer): layers share the epoch's key.
        stream = step * (depth + 1)

        weight = {layer: p[f"weight_{layer}"] for layer in range(1, depth + 1)}
        bias = {layer: p[f"bias_{layer}"] for layer in range(1, depth + 1)}
        if f.has_batch_norm:
            # x becomes x̂ in place; BN's affine map is folded into the first linear map, so
            # that neither its output nor its input's gradient is ever formed.
            k.standardise(
                x, running["running_mean_0"], running["running_var_0"], BN_MOMENTUM, BN_EPS
            )
            bias[1] = bias[1] + (weight[1] @ p["shift_0"][:, :, None])[:, :, 0]
            weight[1] = weight[1] * p["scale_0"][:, None]
        h = x
        inputs = [h]
        for layer in range(1, depth):
            z, out = buffers.linear[layer], buffers.out[layer]
            b.matmul(h, b.transpose(weight[layer]), z)
            if f.has_batch_norm:
                k.batch_norm_forward(
                    z, bias[layer], p[f"scale_{layer}"], p[f"shift_{layer}"],
                    running[f"running_mean_{layer}"], running[f"running_var_{layer}"],
                    BN_MOMENTUM, BN_EPS, self.slope, self.dropout,
                    dropout_keys, stream + layer, buffers.inverse_std[layer], out,
                )  # fmt: skip
            elif self._written is not None:
                self._activate(z, bias[layer], out, dropout_keys, stream + layer)
            else:
                k.bias_activation_forward(
                    z, bias[layer], self.slope, self.dropout, dropout_keys, stream + layer
                )
                out = z
            h = out
            inputs.append(h)
        logits = buffers.linear[depth]
        b.matmul(h, b.transpose(weight[depth]), logits)
        self._loss_kernel(logits, bias[depth], labels, self.loss, g[f"bias_{depth}"])

        delta = logits
        for layer in range(depth, 0, -1):
            b.matmul(b.transpose(delta), inputs[layer - 1], g[f"weight_{layer}"])
            if layer == 1:
                break
            below = layer - 1
            dout = buffers.delta[below]
            b.matmul(delta, weight[layer], dout)
            if f.has_batch_norm:
                # The bias before a batch norm has exactly zero gradient; its row stays zero.
                k.batch_norm_backward(
                    dout, inputs[below], buffers.linear[below], p[f"scale_{below}"],
                    buffers.inverse_std[below], self.slope, self.dropout,
                    g[f"scale_{below}"], g[f"shift_{below}"],
                )  # fmt: skip
            elif self._written is not None:
                dout *= buffers.linear[below]
                g[f"bias_{below}"][...] = dout.sum(1)
            else:
                k.bias_activation_backward(
                    dout, inputs[below], self.slope, self.dropout, g[f"bias_{below}"]
                )
            delta = dout
        if f.has_batch_norm:
            self._unfold_input_affine()

    def _activate(self, z, bias, out, keys, stream: int) -> None:
        """out ← dropout(φ(z + bias)), z ← its derivative, of an activation that no kernel knows."""
        assert self._written is not None
        z += bias[:, None]
        self._written(z, out)
        if self._drops:
            # A slab of ones through bias 0, slope 1 and dropout: what it multiplies by.
            factors = self.backend.full(tuple(z.shape), 1.0)
            self._kernels.bias_activation_forward(
                factors, bias * 0, self.identity, self.dropout, keys, stream
            )
            out *= factors
            z *= factors

    def _unfold_input_affine(self) -> None:
        """Gradients of W_1 and of the input's scale γ and shift β from G = δ_1ᵀ x̂.

        With h_0 = γ x̂ + β: ∂W = G γ + (Σδ) βᵀ, ∂γ_j = Σ_k W_kj G_kj, ∂β = Wᵀ Σδ. Behind another
        batch norm Σδ is exactly zero, and so is ∂β.
        """
        p, g = self.parameters, self.gradients
        weight, gradient = p["weight_1"], g["weight_1"]
        g["scale_0"][...] = (weight * gradient).sum(1)
        gradient *= p["scale_0"][:, None]
        if self.family.depth == 1:
            total = g["bias_1"][:, :, None]
            g["shift_0"][...] = (weight * total).sum(1)
            gradient += total * p["shift_0"][:, None]

    def features(self, x, mode: BatchNormMode = "running_statistics") -> Iterator[LayerFeatures]:
        b, f, p = self.backend, self.family, self.parameters
        n = x.shape[0]
        h = b.zeros(self.size, *x.shape)
        h[...] = x
        if f.has_batch_norm:
            self._normalise(h, 0, self.identity, mode)
        yield LayerFeatures(0, f.layer_names[0], h)
        for layer in range(1, f.depth + 1):
            z = b.zeros(self.size, n, f.layer_sizes[layer])
            b.matmul(h, b.transpose(p[f"weight_{layer}"]), z)
            if layer == f.depth:
                z += p[f"bias_{layer}"][:, None]
            elif f.has_batch_norm:
                self._normalise(z, layer, self.slope, mode)
            elif self._written is not None:
                z += p[f"bias_{layer}"][:, None]
                out = b.zeros(*z.shape)
                self._written(z, out)
                z = out
            else:
                one = b.full((self.size, f.layer_sizes[layer]), 1.0)
                self._kernels.affine_activation(z, one, p[f"bias_{layer}"], self.slope)
            yield LayerFeatures(layer, f.layer_names[layer], z)
            h = z

    def _normalise(self, z, layer: int, slope, mode: BatchNormMode) -> None:
        """LeakyReLU(BN(z + bias)) in place, with running or with this batch's statistics."""
        p = self.parameters
        if mode == "running_statistics":
            mean = self.running[f"running_mean_{layer}"]
            var = self.running[f"running_var_{layer}"]
            if layer:
                # The kernels' z lacks the bias, which the running mean includes.
                mean = mean - p[f"bias_{layer}"]
        elif mode == "batch_statistics":
            mean = z.mean(1)
            var = ((z - mean[:, None]) ** 2).mean(1)
        else:
            raise ValueError(f"unknown batch-norm mode {mode!r}")
        scale = p[f"scale_{layer}"] / (var + BN_EPS) ** 0.5
        shift = p[f"shift_{layer}"] - mean * scale
        self._kernels.affine_activation(z, scale, shift, slope)

    def _activations(self, batch: int) -> _Activations:
        if batch not in self._buffers:
            self._buffers[batch] = _Activations(self.family, self.backend, self.size, batch)
        return self._buffers[batch]


class _Activations:
    """Scratch of one minibatch size: z (then x̂), dropout(a), dL/d·, 1/std, by layer."""

    def __init__(self, family: MLP, backend: Backend, members: int, batch: int):
        sizes, depth = family.layer_sizes, family.depth
        self.linear = [None] + [
            backend.zeros(members, batch, sizes[i]) for i in range(1, depth + 1)
        ]
        self.out = [None] * depth
        self.inverse_std = [None] * depth
        if family.has_batch_norm or not ACTIVATIONS[family.activation].fused:
            self.out = [None] + [backend.zeros(members, batch, sizes[i]) for i in range(1, depth)]
        if family.has_batch_norm:
            self.inverse_std = [backend.zeros(members, sizes[i]) for i in range(depth)]
        # Two alternate: a layer's delta is read while the next one is written.
        spare: dict[int, list] = {}
        self.delta = []
        for i in range(depth):
            pair = spare.setdefault(
                sizes[i], [backend.zeros(members, batch, sizes[i]) for _ in range(2)]
            )
            self.delta.append(pair[i % 2])
