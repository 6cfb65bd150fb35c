"""The list of network families: name → class. A new family is one module and one entry here."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layeratlas.networks.base import Family

FAMILIES: dict[str, str] = {
    "mlp": "layeratlas.networks.mlp:MLP",
    "resnet": "layeratlas.networks.resnet:ResNet",
    "cnn": "layeratlas.networks.cnn:CNN",
}
# Differentiable forwards stand beside their families, not in them: what Hessians need must not
# tie the MLP's training to torch, nor retrain it when it changes.
FORWARDS: dict[str, str] = {
    "mlp": "layeratlas.networks.mlp_forward:mlp_forward",
    "resnet": "layeratlas.networks.resnet_forward:resnet_forward",
    "cnn": "layeratlas.networks.cnn:cnn_forward",
}


def create_family(
    settings: Mapping[str, Any], image_shape: Sequence[int], n_classes: int
) -> Family:
    """The family for resolved model settings (`layeratlas.networks.settings`).

    `image_shape` is one sample's: (channel, row, column), or (feature,).
    Settings that vary by member (slope, dropout) may be absent: they belong to the ensemble.
    """
    family = _load(FAMILIES[settings["family"]])
    return family.from_settings(settings, tuple(image_shape), n_classes)


def needs_torch(settings: Mapping[str, Any]) -> bool:
    """Whether a family runs on the torch backend only, on the CPU too."""
    return _load(FAMILIES[settings["family"]]).needs_torch


def load_forward(name: str) -> Callable:
    """A family's differentiable forward, `layeratlas.networks.functional.Forward`."""
    return _load(FORWARDS[name])


def load_member_loss(name: str) -> Callable:
    """`layeratlas.networks.functional.member_loss` for networks of a family."""
    function = _load("layeratlas.networks.functional:member_loss")
    return functools.partial(function, forward=load_forward(name))


def _load(reference: str) -> Any:
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(module), name)
