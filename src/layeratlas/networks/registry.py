"""The table of network families. A new family is one module and one entry, here or of a user."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layeratlas.networks.activations.registry import ACTIVATIONS, DEFAULT
from layeratlas.tables import Table, resolve

if TYPE_CHECKING:
    from layeratlas.networks.base import Family


@dataclass(frozen=True)
class FamilyEntry:
    """One family: its class and its differentiable forward, "module:name" each.

    `family` is called by `from_settings(settings, input_shape, n_outputs)` and gives a
    `layeratlas.networks.base.Family`; `forward` is a `layeratlas.networks.functional.Forward`. It
    stands beside the family, not in it: what Hessians need must not tie the MLP's training to
    torch, nor retrain it when it changes. `fused` says that the family has a backward pass of its
    own, which needs no torch, and `elementwise` that this takes any written activation. Of a
    family that is not the project's own, `settings` are those that `model.settings` may give it,
    with their defaults (`layeratlas.runs.settings`).
    """

    name: str
    family: str
    forward: str
    fused: bool = False
    elementwise: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


FAMILIES: Table[FamilyEntry] = Table("family of networks")
for _entry in (
    FamilyEntry(
        "mlp",
        "layeratlas.networks.mlp:MLP",
        "layeratlas.networks.mlp_forward:mlp_forward",
        fused=True,
        elementwise=True,
    ),
    FamilyEntry(
        "residual_mlp",
        "layeratlas.networks.residual_mlp:ResidualMLP",
        "layeratlas.networks.residual_mlp_forward:residual_mlp_forward",
        fused=True,
    ),
    FamilyEntry(
        "block_cnn",
        "layeratlas.networks.block_cnn:BlockCNN",
        "layeratlas.networks.block_cnn:block_cnn_forward",
    ),
    FamilyEntry(
        "module",
        "layeratlas.networks.module.family:ModuleFamily",
        "layeratlas.networks.module.forward:module_forward",
    ),
):
    FAMILIES.add(_entry)


def create_family(
    settings: Mapping[str, Any],
    input_shape: Sequence[int],
    n_outputs: int,
    *,
    tokens: bool = False,
) -> Family:
    """The family for resolved model settings (`layeratlas.networks.settings`).

    `input_shape` is one sample's: (channel, row, column), or (feature,); `tokens` says that its
    entries are whole numbers that stand for something, for families that can look them up.
    Settings that vary by member (slope, dropout) may be absent: they belong to the ensemble.
    """
    family = resolve(FAMILIES[settings["family"]].family)
    more = {"tokens": True} if tokens else {}
    return family.from_settings(settings, tuple(input_shape), n_outputs, **more)


def fused(settings: Mapping[str, Any]) -> bool:
    """Whether networks of these settings train by a backward pass of their own.

    All others train by autograd, on the torch backend only.
    """
    family = FAMILIES[settings["family"]]
    activation = ACTIVATIONS[settings.get("activation", DEFAULT)]
    written = family.elementwise and activation.written and not settings.get("batch_norm")
    return family.fused and (activation.fused or bool(written))


def needs_torch(settings: Mapping[str, Any]) -> bool:
    """Whether networks of these settings run on the torch backend only, on the CPU too."""
    return not fused(settings)


def load_forward(name: str) -> Callable:
    """A family's differentiable forward, `layeratlas.networks.functional.Forward`."""
    return resolve(FAMILIES[name].forward)


def load_member_loss(name: str) -> Callable:
    """`layeratlas.networks.functional.member_loss` for networks of a family."""
    function = resolve("layeratlas.networks.functional:member_loss")
    return functools.partial(function, forward=load_forward(name))
