"""Numbers in the notes under the figures, as a printer sets them, and what every note tells."""

from __future__ import annotations

import xarray as xr

from layeratlas.cubes.population import lost_runs


def signed(value: float, form: str = ".2f") -> str:
    """A number with a real minus sign."""
    return f"{value:{form}}".replace("-", "−")


def whole(value: float | None) -> str:
    """A whole number with thin spaces between thousands; "unstated" where there is none."""
    return "unstated" if value is None else f"{int(value):,}".replace(",", "\u2009")


def source_told(cube: xr.DataTree) -> str:
    """The data set whose images a network was trained on."""
    return str(cube.attrs.get("dataset_source", "unstated data"))


def gaps_told(*cubes: xr.DataTree, gaps: str) -> str:
    """A sentence on what `gaps` look like, where a cube has runs that no mean counts.

    How many there are is told of every figure (`layeratlas.papers.draw`).
    """
    return f" {gaps}." if any(map(lost_runs, cubes)) else ""
