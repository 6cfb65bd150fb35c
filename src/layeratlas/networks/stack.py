"""What families that stack linear maps share: their tensors, and how these start.

Layer l = 1 … L has `weight_l` `(out, in, …)` and `bias_l` `(out,)`; layer l = 0 … L-1 may have a
batch norm with `scale_l`, `shift_l` and running statistics.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from layeratlas.networks.affine import Affine
from layeratlas.networks.initialization.registry import load_rule
from layeratlas.networks.layout import ParameterLayout, ParameterTensor
from layeratlas.runs.streams import generator


class DenseStack:
    """What families of dense layers share: how they are made from settings, and how they start.

    A family names in `taken` the settings that its constructor takes, beside `n_features` and
    `n_classes`.
    """

    taken: ClassVar[tuple[str, ...]]
    parameters: ParameterLayout
    statistics: ParameterLayout
    affines: tuple[Affine, ...]
    initialization: str

    def __init__(self, *, n_features: int, n_classes: int, **taken: Any):
        raise NotImplementedError("a family has a constructor of its own")

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], image_shape: Sequence[int], n_classes: int
    ) -> Self:
        chosen = {name: settings[name] for name in cls.taken}
        return cls(**chosen, n_features=math.prod(image_shape), n_classes=n_classes)

    def initialize(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        return initial_values(self.parameters, self.statistics, seeds, self.initialization)


def layouts(
    weights: Sequence[tuple[int, ...]], normalised: Sequence[int]
) -> tuple[ParameterLayout, ParameterLayout]:
    """Layouts of parameters and running statistics.

    `weights[l - 1]` is the shape of layer l's weight; `normalised[l]` the size of the batch norm
    at layer l, none of them for a network without.
    """
    parameters, statistics = [], []
    for layer in range(len(weights) + 1):
        if layer:
            shape = weights[layer - 1]
            parameters.append(ParameterTensor(f"weight_{layer}", shape, "weight", layer))
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
    parameters: ParameterLayout, statistics: ParameterLayout, seeds: Sequence[int], rule: str
) -> tuple[np.ndarray, np.ndarray]:
    """Initial `(theta, statistics)`, float64 `(member, width)`, each member from its own seed.

    Weights and biases by the rule of that name (`layeratlas.networks.initialization`), each tensor
    from a stream of its own. Scales start at 1, shifts at 0; running means at 0 and variances at 1.
    """
    drawn = load_rule(rule)
    fan_in = {t.layer: t.size // t.shape[0] for t in parameters.tensors if t.role == "weight"}
    theta = np.zeros((len(seeds), parameters.width))
    views = parameters.views(theta)
    for tensor in parameters.tensors:
        for e, seed in enumerate(seeds):
            if tensor.role in ("scale", "shift"):
                views[tensor.name][e] = 1.0 if tensor.role == "scale" else 0.0
            else:
                stream = generator(seed, f"initialization/{tensor.name}")
                views[tensor.name][e] = drawn(stream, tensor, fan_in[tensor.layer])
    running = np.zeros((len(seeds), statistics.width))
    for name, view in statistics.views(running).items():
        if name.startswith("running_var"):
            view[...] = 1.0
    return theta, running
