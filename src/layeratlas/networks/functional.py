"""Networks as differentiable functions of their parameters, in plain torch.

A family's *forward* takes tensors by name, each with a leading member axis, and returns the
features of layers 0 … L as a graph that autograd can differentiate, any number of times. It
trains families without a hand-written gradient (`layeratlas.networks.autograd`), gives Hessians
and tangent kernels their derivatives, and is the readable twin of the engine's kernels.
`layeratlas.networks.registry.load_forward` finds a family's forward.

Members do not see each other: they are side by side along the channel axis, where batch norm
and grouped convolutions keep channels apart.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn import functional as nn

from layeratlas.losses.base import Loss
from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.networks.base import BN_EPS, BN_MOMENTUM, BatchNormMode
from layeratlas.networks.layout import ParameterLayout
from layeratlas.networks.tape import Tape
from layeratlas.tables import resolve

Named = Mapping[str, Tensor]
# Dropout of one layer: (layer, shape of one member's activations) → factors `(member, *shape)`.
Dropout = Callable[[int, tuple[int, ...]], Tensor]


class Forward(Protocol):
    """What a family's forward looks like."""

    def __call__(
        self,
        family: Any,
        parameters: Named,
        statistics: Named,
        x: Float[Tensor, "member sample feature"],
        members: Named,
        mode: BatchNormMode,
        dropout: Dropout | None = None,
        tape: Tape | None = None,
    ) -> tuple[list[Tensor], dict[str, Tensor]]:
        """Features of layers 0 … L, `(member, sample, feature)` each, and new statistics.

        `parameters` and `statistics` are named and shaped as the family's layouts, with a
        leading member axis; `members` holds settings `(member,)` such as `negative_slope`.
        Under `batch_statistics` the second result has the running statistics one step on; under
        `running_statistics` it has them as they came. A `tape` receives every map of
        `family.affines`, and changes no bit of what comes out.
        """


def side_by_side(h: Float[Tensor, "member sample *rest"]) -> Tensor:
    """`(member, sample, channel, …)` → `(sample, member·channel, …)`."""
    return h.transpose(0, 1).flatten(1, 2)


def apart(h: Float[Tensor, "sample channels *space"], members: int) -> Tensor:
    """`(sample, member·channel, …)` → `(member, sample, channel·…)`."""
    return h.unflatten(1, (members, -1)).transpose(0, 1).flatten(2)


def batch_norm(
    z: Float[Tensor, "sample channels *space"],
    layer: int,
    parameters: Named,
    statistics: Named,
    mode: BatchNormMode,
    updated: dict[str, Tensor],
    bias: Float[Tensor, "member channel"] | None = None,
    tape: Tape | None = None,
) -> Tensor:
    """scale·(z + bias − mean)/√(var + ε) + shift, over samples (and pixels) of each channel.

    Under `batch_statistics`, `updated` receives the running statistics moved by 0.1 toward
    those of the batch, the variance unbiased; the bias cancels in the output and enters the
    running mean alone, so its gradient is zero and not rounding noise that Adam would blow up.
    Raises ValueError for an unknown mode.
    """
    scale, shift = parameters[f"scale_{layer}"].flatten(), parameters[f"shift_{layer}"].flatten()
    names = f"running_mean_{layer}", f"running_var_{layer}"
    if mode == "running_statistics":
        if bias is not None:
            z = z + bias.flatten().view(-1, *[1] * (z.ndim - 2))
        mean, var = (statistics[name].flatten() for name in names)
        out = nn.batch_norm(z, mean, var, scale, shift, False, 0.0, BN_EPS)
        if tape is not None:

            def centred(z: Tensor) -> Tensor:
                return nn.batch_norm(z, mean, var, None, None, False, 0.0, BN_EPS)

            _note_scale(tape, layer, z, out, centred, len(parameters[f"scale_{layer}"]))
        return out
    if mode != "batch_statistics":
        raise ValueError(f"unknown batch-norm mode {mode!r}")
    # With momentum 1 the buffers come back as the batch's own mean and unbiased variance.
    mean, var = torch.zeros_like(scale), torch.ones_like(scale)
    out = nn.batch_norm(z, mean, var, scale, shift, True, 1.0, BN_EPS)
    with torch.no_grad():
        if bias is not None:
            mean = mean + bias.flatten()
        for name, value in zip(names, (mean, var), strict=True):
            old = statistics[name]
            updated[name] = old.lerp(value.view_as(old), BN_MOMENTUM)
    if tape is not None:

        def standard(z: Tensor) -> Tensor:
            return nn.batch_norm(z, None, None, None, None, True, 0.0, BN_EPS)

        _note_scale(tape, layer, z, out, standard, len(parameters[f"scale_{layer}"]))
    return out


def _note_scale(
    tape: Tape, layer: int, z: Tensor, out: Tensor, normal: Callable[[Tensor], Tensor], members: int
) -> None:
    # x̂ is made when it is read: the pass itself never has it apart from its scale.
    tape.note(
        f"batch_norm_{layer}", z, out, lambda z: pixels(normal(z), members),
        lambda y: pixels(y, members),
    )  # fmt: skip


def pixels(h: Float[Tensor, "sample channels *space"], members: int) -> Tensor:
    """`(sample, member·channel, …)` → rows `(member, sample, position, channel)`."""
    space = h.flatten(2) if h.ndim > 2 else h[:, :, None]
    return space.unflatten(1, (members, -1)).permute(1, 0, 3, 2)


def one_position(h: Float[Tensor, "member sample feature"]) -> Tensor:
    """`(member, sample, feature)` → rows `(member, sample, 1, feature)`."""
    return h[:, :, None]


def activate(
    name: str, z: Float[Tensor, "sample channels *space"], members: Named
) -> Float[Tensor, "sample channels *space"]:
    """φ(z) of the activation of that name, with each member's `negative_slope` where φ has one."""
    entry = ACTIVATIONS[name]
    function = _loaded(entry.function)
    return function(z, members["negative_slope"]) if entry.slope else function(z)


@functools.cache
def _loaded(reference: str) -> Callable[..., Tensor]:
    return resolve(reference)


def read_out(
    h: Float[Tensor, "member sample feature"],
    layer: int,
    parameters: Named,
    tape: Tape | None = None,
) -> Tensor:
    """W h + b of one layer, e.g. the logits `(member, sample, class)`; b where there is one."""
    weight, bias = parameters[f"weight_{layer}"].transpose(1, 2), parameters.get(f"bias_{layer}")
    out = torch.bmm(h, weight) if bias is None else torch.baddbmm(bias[:, None], h, weight)
    if tape is not None:
        tape.note(f"layer_{layer}", h, out, one_position, one_position)
    return out


def mean_loss(
    outputs: Float[Tensor, "member sample ..."],
    targets: Shaped[Tensor, "member sample ..."],
    loss: Loss,
) -> Float[Tensor, " member"]:
    """Mean loss of each member, to be differentiated."""
    return loss.mean(outputs, targets)


def member_loss(
    family,
    theta: Float[Tensor, " width"],
    statistics: Float[Tensor, " statistics_width"],
    members: Named,
    x: Float[Tensor, "sample feature"],
    targets: Shaped[Tensor, "sample ..."],
    loss: Loss,
    *,
    forward: Forward,
) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """The mean loss of one network as a function of all its parameters, and where it stands.

    Evaluation mode: batch norm with running statistics, dropout off. Returns `(f, point)` with
    `point` `(parameter,)`, the tensors of `family.parameters` one after the other without
    padding, and `f(point)` a differentiable scalar. `members` holds one value each, `(1,)`.
    """
    layout: ParameterLayout = family.parameters
    views = layout.views(theta[None])
    point = torch.cat([views[t.name].flatten() for t in layout.tensors])
    sizes = [t.size for t in layout.tensors]
    running = family.statistics.views(statistics[None])

    def function(flat: Tensor) -> Tensor:
        pieces = zip(layout.tensors, flat.split(sizes), strict=True)
        named = {t.name: piece.view(1, *t.shape) for t, piece in pieces}
        features, _ = forward(family, named, running, x[None], members, "running_statistics")
        return mean_loss(features[-1], targets[None], loss)[0]

    return function, point
