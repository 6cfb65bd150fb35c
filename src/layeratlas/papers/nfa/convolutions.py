"""Convolutional networks of the paper on its image sets, and the small one on digits."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from layeratlas.papers.nfa import curves
from layeratlas.papers.nfa.sets import CONVOLUTIONAL, SMALL

__all__ = ["layered", "present"]


def present(cubes: Mapping[str, xr.DataTree]) -> dict[str, xr.DataTree]:
    """Cubes by what they are of: VGG-11 on CIFAR-10, and the small network on digits."""
    every = {
        "VGG-11, CIFAR-10": CONVOLUTIONAL["CIFAR-10"],
        "three convolutions, digits": SMALL,
    }
    return {name: cubes[key] for name, key in every.items() if key in cubes}


def layered(cube: xr.DataTree, variable: str) -> xr.DataArray:
    """A variable of every convolution, (seed, epoch, layer), layers from 1."""
    found = curves.curve(cube, variable).isel(learning_rate=0, drop=True)
    return found.assign_coords(layer=found["layer"] + 1)
