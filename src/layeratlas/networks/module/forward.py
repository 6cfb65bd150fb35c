"""A user's module as a differentiable function; see `layeratlas.networks.functional.Forward`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from layeratlas.networks.base import BatchNormMode
from layeratlas.networks.module.watch import FeatureWatch, Replacing, TapeOfMembers
from layeratlas.networks.tape import Tape

if TYPE_CHECKING:
    from layeratlas.networks.module.family import ModuleFamily

Named = Mapping[str, Tensor]
# Factors of the i-th dropout of a pass: (i, shape of one member's) → `(member, *shape)`.
Dropout = Callable[[int, tuple[int, ...]], Tensor]


def module_forward(
    family: ModuleFamily,
    parameters: Named,
    statistics: Named,
    x: Tensor,
    members: Named,
    mode: BatchNormMode,
    dropout: Dropout | None = None,
    tape: Tape | None = None,
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Features of layers 0 … L, `(member, sample, feature)`, and new statistics.

    Members go one by one. Derivatives with respect to features are of one member: of several,
    features are copies. Dropout i has the rate of `family.survey.drops[i]`. Attention is computed
    by products, which can be differentiated twice.
    """
    count = len(x)
    notes = TapeOfMembers(tape, count) if tape is not None else None
    found, updated = [], []
    for e in range(count):
        if notes is not None:
            notes.member = e
        named = {name: tensor[e] for name, tensor in parameters.items()}
        running = {name: tensor[e] for name, tensor in statistics.items()}
        if mode == "batch_statistics":
            # A pass moves them in place.
            running = {name: tensor.detach().clone() for name, tensor in running.items()}
        factors = None
        if dropout is not None:
            factors = [dropout(i, s)[e] for i, s in enumerate(family.drop_shapes(x.shape[1]))]
        features, held = _one(family, {**named, **running}, x[e], mode, factors, notes)
        found.append(features)
        updated.append(held)
    if notes is not None:
        notes.close()
    if count == 1:
        features = found[0]
    else:
        features = [torch.cat(values) for values in zip(*found, strict=True)]
    if mode == "running_statistics":
        return features, dict(statistics)
    moved = {name: torch.stack([u[name] for u in updated]) for name in updated[0]}
    return features, {name: moved.get(name, tensor) for name, tensor in statistics.items()}


def _one(
    family: ModuleFamily,
    tensors: Named,
    x: Tensor,
    mode: BatchNormMode,
    factors: Sequence[Tensor] | None,
    tape: TapeOfMembers | None,
) -> tuple[list[Tensor], dict[str, Tensor]]:
    told = family.survey
    replacing = Replacing() if torch.is_grad_enabled() else None
    watch = FeatureWatch(
        told.reads, told.layouts, told.scales, family.taped, x.dtype, tape, replacing
    )
    with ExitStack() as stack:
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        if replacing is not None:
            stack.enter_context(replacing)
        output, held, _ = family.inner(
            family.complete(tensors, x),
            family.shaped(x),
            training=mode == "batch_statistics",
            factors=factors,
            watch=watch,
        )
    features = [watch.features[layer] for layer in range(len(told.layer_sizes) - 1)]
    return [*features, family.outputs(output)[None]], held
