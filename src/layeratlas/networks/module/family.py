"""A user's `torch.nn.Module` as a family of networks; see `layeratlas.networks.base.Family`.

    model: {family: module, from: "my_net.py:Net", settings: {width: 64}, layers: ["conv*", "head"]}

Its parameters and the statistics of its batch norms lie in flat layouts under its own names. They
start as the module's own reset leaves them, every generator seeded by the run's seed, or by a law
of the project (`initialization`), which then draws the weights and biases of all affine maps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from layeratlas.backends import Backend
from layeratlas.errors import ConfigError
from layeratlas.extending.sources import source_digest
from layeratlas.networks.initialization.laws import Laws
from layeratlas.networks.layout import ParameterLayout, ParameterTensor
from layeratlas.networks.module.construct import construct
from layeratlas.networks.module.inner import Inner
from layeratlas.networks.module.settings import OWN
from layeratlas.networks.module.survey import Survey, survey
from layeratlas.networks.tape import Affine
from layeratlas.runs.streams import generator
from layeratlas.words import quoted


class ModuleFamily:
    """`reference(**settings)` for samples of `input_shape`; the module docstring says more.

    Raises ConfigError for a module that cannot be trained (`construct`, `survey`).
    """

    needs_torch = True

    def __init__(
        self,
        *,
        reference: str,
        settings: Mapping[str, Any],
        input_shape: Sequence[int],
        n_outputs: int,
        layers: Sequence[str] | None = None,
        laws: Laws | None = None,
        tokens: bool = False,
    ):
        self.reference, self.settings = reference, dict(settings)
        self.input_shape = tuple(int(n) for n in input_shape)
        self.n_outputs, self.tokens = n_outputs, tokens
        self.laws = laws
        self.inner = self._made(0)
        self.survey: Survey = survey(
            self.inner, reference, self.input_shape, n_outputs, layers, tokens=tokens
        )
        self.affines: tuple[Affine, ...] = self.survey.affines
        self.taped = frozenset(affine.name for affine in self.affines)
        self.layer_names, self.layer_sizes = self.survey.layer_names, self.survey.layer_sizes
        self.graph_size = self.survey.graph_size
        self.has_batch_norm = bool(self.inner.norms)
        # What no seed and no step changes, such as a table of positions, is of no member.
        other = self._made(1)
        self._constants = {
            name: slot.value.detach()
            for name, slot in self.inner.slots.items()
            if not slot.trained
            and torch.equal(slot.value, other.slots[name].value)
            and not self._is_of_norm(name)
        }
        self.parameters, self.statistics = self._layouts()
        if not self.parameters.tensors:
            raise ConfigError(f"model.from: {quoted(reference)} has no parameter that is trained")

    @classmethod
    def from_settings(
        cls,
        settings: Mapping[str, Any],
        input_shape: Sequence[int],
        n_outputs: int,
        *,
        tokens: bool = False,
    ) -> ModuleFamily:
        """Of canonical settings; ConfigError where the text is not the one that was planned."""
        planned = settings.get("source")
        if planned is not None and source_digest(settings["from"]) != planned:
            raise ConfigError(
                f"model.from: {quoted(settings['from'])} has changed since the runs were planned; "
                "plan again"
            )
        return cls(
            reference=settings["from"],
            settings=settings.get("settings", {}),
            input_shape=input_shape,
            n_outputs=n_outputs,
            layers=settings.get("layers"),
            laws=Laws.of(settings) if settings.get("initialization", OWN) != OWN else None,
            tokens=tokens,
        )

    def initialize(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Initial `(theta, statistics)`, float64, from each member's own seed."""
        theta = np.zeros((len(seeds), self.parameters.width))
        running = np.zeros((len(seeds), self.statistics.width))
        views = self.parameters.views(theta) | self.statistics.views(running)
        for e, seed in enumerate(seeds):
            for name, slot in self._made(seed).slots.items():
                if name in views:
                    views[name][e] = slot.value.detach().double().numpy()
            if self.laws is not None:
                self._draw(self.laws, views, e, seed)
        return theta, running

    def ensemble(
        self, backend: Backend, theta, statistics, members: Mapping[str, np.ndarray], loss
    ):
        from layeratlas.networks.module.ensemble import ModuleEnsemble

        return ModuleEnsemble(self, backend, theta, statistics, loss)

    # --- what the passes ask ------------------------------------------------------------------
    def complete(self, tensors: Mapping[str, Tensor], like: Tensor) -> dict[str, Tensor]:
        """The tensors with the constants beside them, as numbers of the same sort and place."""
        found = {name: t for name, t in tensors.items() if name in self.inner.slots}
        dtype = next(iter(found.values())).dtype
        where = (like.device, dtype)
        if where not in self._moved:
            self._moved[where] = {n: v.to(*where) for n, v in self._constants.items()}
            self.inner.module.to(like.device)
        return found | self._moved[where]

    @cached_property
    def _moved(self) -> dict[Any, dict[str, Tensor]]:
        return {}

    def shaped(self, x: Tensor) -> Tensor:
        """Inputs `(sample, feature)` as the module reads them."""
        x = x.view(len(x), *self.input_shape)
        return x.long() if self.tokens else x

    def outputs(self, output: Tensor) -> Tensor:
        """The module's output as features `(sample, feature)`."""
        return output.flatten(1)

    def drop_shapes(self, samples: int) -> list[tuple[int, ...]]:
        """Shapes of the factors of every dropout of a pass."""
        return [extent.shape(samples) for _, extent in self.survey.drops]

    # --- making it ----------------------------------------------------------------------------
    def _made(self, seed: int) -> Inner:
        given = (self.reference, self.settings, self.input_shape, self.n_outputs, seed)
        return Inner(construct(*given))

    def _is_of_norm(self, name: str) -> bool:
        return name.rpartition(".")[0] in self.inner.norms and name.endswith(
            ("running_mean", "running_var")
        )

    def _layouts(self) -> tuple[ParameterLayout, ParameterLayout]:
        layers = {a.weight: a.layer for a in reversed(self.affines)}
        layers |= {a.bias: a.layer for a in reversed(self.affines) if a.bias is not None}
        # A scaling draws weights by fan-in: what is looked up, or no map reads, has none.
        drawn = [a for a in self.affines if a.kind != "scale" and not a.transposed]
        roles = {a.bias: "bias" for a in drawn} | {a.weight: "weight" for a in drawn}
        parameters, statistics = [], []
        layer = 0
        for name, slot in self.inner.slots.items():
            # What belongs to no map stands in the layer of what was made before it.
            layer = layers.get(name, layer)
            role = slot.role if slot.role in ("scale", "shift", "statistic") else roles.get(name)
            tensor = ParameterTensor(name, tuple(slot.value.shape), role or "free", layer)
            if slot.trained:
                parameters.append(tensor)
            elif name not in self._constants:
                statistics.append(tensor)
        statistics = statistics or [ParameterTensor("none", (1,), "statistic", 0)]
        return ParameterLayout(tuple(parameters)), ParameterLayout(tuple(statistics))

    def _draw(self, laws: Laws, views: Mapping[str, np.ndarray], e: int, seed: int) -> None:
        """Weights and biases of affine maps by the law; what else there is stays its own."""
        tensors = {t.name: t for t in self.parameters.tensors}
        drawn = [a for a in self.affines if a.kind != "scale" and not a.transposed]
        for affine, (rule, own) in zip(drawn, laws.of_layers(len(drawn)), strict=True):
            weight = tensors[affine.weight]
            fan_in = weight.size // weight.shape[0]
            for name in (affine.weight, affine.bias):
                if name is not None and name in tensors:
                    stream = generator(seed, f"initialization/{name}")
                    views[name][e] = rule(stream, tensors[name], fan_in, **own)
