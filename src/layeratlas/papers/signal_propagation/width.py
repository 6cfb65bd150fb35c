"""What is read of networks of several widths."""

from __future__ import annotations

import xarray as xr

from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.equilibrium import empirical
from layeratlas.papers.signal_propagation.profiles import profile

__all__ = ["EXPERIMENT", "equilibrium_layers", "heights", "peak_layers", "profiles_by_width"]

EXPERIMENT = "alignment_width"


def profiles_by_width(cube: xr.DataTree, view: str, record: str) -> xr.DataArray:
    """A_l of the runs that came to the record point, (width, seed, layer)."""
    came = moments.reached(cube, record)
    found = profile(cube, "alignment", view, record).where(came)
    return found.transpose("width", "seed", "layer").sortby("width")


def heights(cube: xr.DataTree) -> xr.DataArray:
    """max_l of the seeds' mean profile at the mark, training images, (width,)."""
    return profiles_by_width(cube, "train", moments.MARK).mean("seed").max("layer")


def peak_layers(cube: xr.DataTree) -> xr.DataArray:
    """The layer of each seed's largest A_l at the mark, from 1, (width, seed); NaN without one."""
    values = profiles_by_width(cube, "train", moments.MARK)
    there = values.notnull().any("layer")
    at = values.fillna(-1.0).argmax("layer")
    return values["layer"].isel(layer=at).where(there).drop_vars("layer").rename("peak_layer")


def equilibrium_layers(cube: xr.DataTree) -> xr.DataArray:
    """Where each seed's forward and backward information cross at initialisation, (width, seed)."""
    return empirical(cube).transpose("width", "seed").sortby("width")
