"""The ResNet as a differentiable function of its parameters; see `networks.functional`."""

from __future__ import annotations

from torch import Tensor

from layeratlas.networks.base import BatchNormMode
from layeratlas.networks.functional import (
    Dropout,
    activate,
    apart,
    one_position,
    read_out,
    side_by_side,
)
from layeratlas.networks.tape import Tape


def residual_mlp_forward(
    family,
    parameters,
    statistics,
    x,
    members,
    mode: BatchNormMode,
    dropout: Dropout | None = None,
    tape: Tape | None = None,
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """`Forward` of `layeratlas.networks.residual_mlp`, which has neither batch norm nor dropout."""
    f = read_out(x, 1, parameters, tape)
    features = [x, f]
    for layer in range(2, family.depth):
        active = apart(activate(family.activation, side_by_side(f), members), len(x))
        branch = active @ parameters[f"weight_{layer}"].transpose(1, 2)
        if tape is not None:
            tape.note(f"layer_{layer}", active, branch, one_position, one_position)
        f = family.shortcut * f + family.branch_scale * branch
        bias = parameters.get(f"bias_{layer}")
        f = f if bias is None else f + bias[:, None]
        features.append(f)
    features.append(read_out(f, family.depth, parameters, tape))
    return features, dict(statistics)
