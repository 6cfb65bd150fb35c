"""What families that stack linear maps share: their tensors, and how these start.

Layer l = 1 … L has `weight_l` `(out, in, …)` and `bias_l` `(out,)`; layer l = 0 … L-1 may have a
batch norm with `scale_l`, `shift_l` and running statistics.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from layeratlas.backends import Backend
from layeratlas.losses.base import Loss
from layeratlas.networks.activations.registry import DEFAULT as DEFAULT_ACTIVATION
from layeratlas.networks.affine import Affine
from layeratlas.networks.base import Ensemble
from layeratlas.networks.initialization.laws import Laws
from layeratlas.networks.layout import ParameterLayout, ParameterTensor
from layeratlas.networks.registry import fused, load_forward
from layeratlas.runs.streams import generator
from layeratlas.tables import resolve


class DenseStack:
    """What families of dense layers share: how they are made from settings, and how they start.

    A family says its `name` in the table, and in `taken` the settings that its constructor takes,
    beside `n_features`, `n_classes` and the `options` of all.
    """

    name: ClassVar[str]
    taken: ClassVar[tuple[str, ...]]
    parameters: ParameterLayout
    statistics: ParameterLayout
    affines: tuple[Affine, ...]
    layer_sizes: tuple[int, ...]
    has_batch_norm: bool
    initialization: str | Laws
    activation: str

    def __init__(self, *, n_features: int, n_classes: int, **taken: Any):
        raise NotImplementedError("a family has a constructor of its own")

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], image_shape: Sequence[int], n_classes: int
    ) -> Self:
        chosen = {name: settings[name] for name in cls.taken}
        return cls(
            **chosen, **options(settings), n_features=math.prod(image_shape), n_classes=n_classes
        )

    def initialize(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        return initial_values(self.parameters, self.statistics, seeds, self.initialization)

    @property
    def fused(self) -> bool:
        """Whether the hand-written backward pass knows these networks."""
        asked = {"family": self.name, "activation": self.activation}
        return fused({**asked, "batch_norm": self.has_batch_norm})

    def ensemble(
        self,
        backend: Backend,
        theta,
        statistics,
        members: Mapping[str, np.ndarray],
        loss: Loss | None,
    ) -> Ensemble:
        made = self.by_kernels if self.fused else self.by_autograd
        return made(backend, theta, statistics, members, loss)

    def by_kernels(self, backend: Backend, theta, statistics, members, loss) -> Ensemble:
        """An ensemble with the family's hand-written backward pass."""
        raise NotImplementedError("a family has a backward pass of its own")

    def by_autograd(self, backend, theta, statistics, members, loss) -> Ensemble:
        """An ensemble for what the hand-written pass does not know, which runs on torch."""
        # Found by name: who trains by the kernels needs neither, nor repeats when they change.
        made = resolve("layeratlas.networks.autograd:AutogradEnsemble")
        return made(self, load_forward(self.name), backend, theta, statistics, members, loss)

    def without_bias(self) -> dict[str, int]:
        """Biases that these networks lack, name → size; the kernels are given zeros for them."""
        named = {f"bias_{layer}": size for layer, size in enumerate(self.layer_sizes) if layer}
        return {
            name: size
            for name, size in named.items()
            if name not in {tensor.name for tensor in self.parameters.tensors}
        }

    @property
    def graph_size(self) -> int:
        """Numbers that a pass keeps of a sample: of a layer what is read, given, normalised and
        dropped."""
        return 4 * sum(self.layer_sizes)


def options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What every family of stacked maps takes of settings, by its own name for it."""
    return {
        "activation": settings.get("activation", DEFAULT_ACTIVATION),
        "biased": biased(settings),
        "initialization": Laws.of(settings),
    }


def biased(settings: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether hidden maps, and the read-out, have a bias."""
    hidden, output = settings.get("bias", True), settings.get("output_bias")
    return hidden, hidden if output is None else output


def biases(biased: tuple[bool, bool], depth: int) -> list[bool]:
    """Whether layers 1 … depth have a bias."""
    return [biased[0]] * (depth - 1) + [biased[1]]


def layouts(
    weights: Sequence[tuple[int, ...]],
    normalised: Sequence[int],
    biased: tuple[bool, bool] = (True, True),
) -> tuple[ParameterLayout, ParameterLayout]:
    """Layouts of parameters and running statistics.

    `weights[l - 1]` is the shape of layer l's weight; `normalised[l]` the size of the batch norm
    at layer l, none of them for a network without; `biased`: see the function of that name.
    """
    parameters, statistics = [], []
    for layer in range(len(weights) + 1):
        if layer:
            shape = weights[layer - 1]
            parameters.append(ParameterTensor(f"weight_{layer}", shape, "weight", layer))
            if biased[layer == len(weights)]:
                parameters.append(ParameterTensor(f"bias_{layer}", shape[:1], "bias", layer))
        if layer < len(normalised):
            size = (normalised[layer],)
            parameters.append(ParameterTensor(f"scale_{layer}", size, "scale", layer))
            parameters.append(ParameterTensor(f"shift_{layer}", size, "shift", layer))
            for kind in ("mean", "var"):
                name = f"running_{kind}_{layer}"
                statistics.append(ParameterTensor(name, size, "statistic", layer))
    # A net without batch norm keeps one unused row of statistics: no special case elsewhere.
    statistics = statistics or [ParameterTensor("none", (1,), "statistic", 0)]
    return ParameterLayout(tuple(parameters)), ParameterLayout(tuple(statistics))


def initial_values(
    parameters: ParameterLayout,
    statistics: ParameterLayout,
    seeds: Sequence[int],
    laws: str | Laws,
) -> tuple[np.ndarray, np.ndarray]:
    """Initial `(theta, statistics)`, float64 `(member, width)`, each member from its own seed.

    Weights and biases by a law of that name (`layeratlas.networks.initialization`), or by the laws
    that there are for the read-out and the others; each tensor from a stream of its own. Scales
    start at 1, shifts at 0; running means at 0 and variances at 1.
    """
    laws = Laws(laws) if isinstance(laws, str) else laws
    fan_in = {t.layer: t.size // t.shape[0] for t in parameters.tensors if t.role == "weight"}
    theta = np.zeros((len(seeds), parameters.width))
    views = parameters.views(theta)
    drawn = dict(zip(fan_in, laws.of_layers(len(fan_in)), strict=True))
    for tensor in parameters.tensors:
        for e, seed in enumerate(seeds):
            if tensor.role in ("scale", "shift"):
                views[tensor.name][e] = 1.0 if tensor.role == "scale" else 0.0
            else:
                stream = generator(seed, f"initialization/{tensor.name}")
                law, own = drawn[tensor.layer]
                views[tensor.name][e] = law(stream, tensor, fan_in[tensor.layer], **own)
    running = np.zeros((len(seeds), statistics.width))
    for name, view in statistics.views(running).items():
        if name.startswith("running_var"):
            view[...] = 1.0
    return theta, running
