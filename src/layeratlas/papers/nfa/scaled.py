"""Correlations of networks under several hyper-parameter scalings, where training left them.

Beyond the paper; the scalings are those of Chizat and Netrapalli (arXiv 2311.18718).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.networks.scalings import TITLES
from layeratlas.papers.nfa import curves

__all__ = ["EXPERIMENT", "Scaled", "scaled"]

EXPERIMENT = "nfc_under_scalings"
#: Label of the record point at which running losses are equal.
_MARK = "mark_0.1"


@dataclass(frozen=True)
class Scaled:
    """One scaling, hidden layers from 1: all (seed, layer), NaN of runs that missed the mark.

    `uc` and `c` at the mark, `start` UC-NFC before training, `turned` what is expected of C-NFC
    with K's eigenvectors at random, `moved` |W − W₀|/|W|; `rate` the master step.
    """

    name: str
    rate: float
    uc: xr.DataArray
    c: xr.DataArray
    start: xr.DataArray
    turned: xr.DataArray
    moved: xr.DataArray

    @property
    def title(self) -> str:
        """Its name in print."""
        return TITLES.get(self.name, self.name)

    @property
    def marked(self) -> bool:
        """Whether all of its runs came to the mark."""
        return bool(np.isfinite(self.c).all())


def scaled(cube: xr.DataTree, view: str = "train") -> list[Scaled]:
    """Every scaling of the cube, in its order."""
    root = cube["/"].to_dataset()
    labels = [str(name) for name in root["label"].values]
    came = root["reached"].isel(record=labels.index(_MARK), drop=True) == 1

    def of(variable: str, moment: str = _MARK) -> xr.DataArray:
        found = curves.at(curves.curve(cube, variable, view), moment).isel(layer=slice(0, -1))
        found = found.drop_vars("layer_name", errors="ignore")
        found = found.assign_coords(layer=found["layer"] + 1)
        return found.where(came) if moment == _MARK else found

    every = {
        "uc": of("uc_nfc"),
        "c": of("c_nfc"),
        "start": of("uc_nfc", "init"),
        "turned": of("expected_rotated_c_nfc"),
        "moved": of("dw_rel"),
    }
    rates = root.coords.get("learning_rate")
    found = []
    for name in root["scaling"].values:
        at = {"scaling": name}
        own = {key: v.sel(at).transpose("seed", "layer") for key, v in every.items()}
        rate = float("nan") if rates is None else float(rates.sel(at))
        found.append(Scaled(str(name), rate, **own))
    return found
