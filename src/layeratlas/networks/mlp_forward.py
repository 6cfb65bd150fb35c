"""The MLP as a differentiable function of its parameters; see `layeratlas.networks.functional`."""

from __future__ import annotations

from torch import Tensor

from layeratlas.networks.base import BatchNormMode
from layeratlas.networks.functional import (
    Dropout,
    activate,
    apart,
    batch_norm,
    one_position,
    pixels,
    read_out,
    side_by_side,
)
from layeratlas.networks.tape import Tape


def mlp_forward(
    family,
    parameters,
    statistics,
    x,
    members,
    mode: BatchNormMode,
    dropout: Dropout | None = None,
    tape: Tape | None = None,
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """`Forward` of `layeratlas.networks.mlp`: its formulas, without its fused kernels."""
    updated = dict(statistics)
    h = x

    def rows(z: Tensor) -> Tensor:
        return pixels(z, len(x))

    if family.has_batch_norm:
        h = batch_norm(side_by_side(h), 0, parameters, statistics, mode, updated, tape=tape)
        h = apart(h, len(x))
    features = [h]
    for layer in range(1, family.depth):
        z = h @ parameters[f"weight_{layer}"].transpose(1, 2)
        z, bias = side_by_side(z), parameters.get(f"bias_{layer}")
        if family.has_batch_norm:
            if tape is not None:
                tape.note(f"layer_{layer}", h, z, one_position, rows, bias)
            z = batch_norm(z, layer, parameters, statistics, mode, updated, bias, tape)
        else:
            z = z if bias is None else z + bias.flatten()
            if tape is not None:
                tape.note(f"layer_{layer}", h, z, one_position, rows)
        h = apart(activate(family.activation, z, members), len(x))
        features.append(h)
        if dropout is not None:
            h = h * dropout(layer, tuple(h.shape[1:]))
    features.append(read_out(h, family.depth, parameters, tape))
    return features, updated
