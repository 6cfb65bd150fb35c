"""Image sets of the paper, and the networks that are trained on them.

Which sets a figure shows depends on the preset and on what data can be had; what is missing is
named and never replaced. `layer` counts hidden layers from 1 here, as the paper's figures of images
do.
"""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from layeratlas.papers.nfa import curves
from layeratlas.papers.nfa.sets import DIGITS, SETS

__all__ = [
    "WARM",
    "accuracy_told",
    "layered",
    "missing",
    "present",
    "scales_told",
]

#: The epoch after which the released code first records: the nearly still one.
WARM = 1


def present(cubes: Mapping[str, xr.DataTree]) -> dict[str, xr.DataTree]:
    """Cubes by the name of their set, the paper's first."""
    every = {**SETS, "digits": DIGITS}
    return {name: cubes[key] for name, key in every.items() if key in cubes}


def missing(cubes: Mapping[str, xr.DataTree]) -> list[str]:
    """Names of the paper's sets that are not there."""
    return [name for name, key in SETS.items() if key not in cubes]


def layered(cube: xr.DataTree, variable: str, view: str | None = None) -> xr.DataArray:
    """A variable of hidden layers 1, 2, …, at the smallest scale of initial weights, (seed, epoch,
    layer)."""
    found = curves.curve(cube, variable, view)
    if "init_gain" in found.dims:
        found = found.isel(init_gain=0, drop=True)
    return found.assign_coords(layer=found["layer"] + 1)


def accuracy_told(cube: xr.DataTree) -> str:
    """Test accuracy at the end, mean and standard deviation over seeds, in words."""
    found = curves.at(curves.evaluated(cube, "test_accuracy"), "final")
    for axis in ("init_gain", "learning_rate"):
        if axis in found.dims:
            found = found.isel({axis: 0})
    values = 100 * found.values.ravel()
    spread = f" ± {values.std(ddof=1):.1f}" if values.size > 1 else ""
    return f"{values.mean():.1f}{spread} %"


def scales_told(cube: xr.DataTree) -> str:
    """C-NFC − UC-NFC at the end, mean over layers and seeds, by scale of initial weights; no words
    where there is one scale."""
    c, uc = (curves.at(curves.curve(cube, name), "final") for name in ("c_nfc", "uc_nfc"))
    if c.sizes.get("init_gain", 1) == 1:
        return ""
    gap = (c - uc).mean(["layer", "seed"])
    return ", ".join(
        f"gain {float(gain):g}: {float(value):.2f}"
        for gain, value in zip(gap["init_gain"].values, gap.values, strict=True)
    )
