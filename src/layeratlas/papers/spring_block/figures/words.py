"""Numbers in the notes under the figures, as a printer sets them, and what every note tells."""

from __future__ import annotations

import xarray as xr

from layeratlas.papers.spring_block.population import lost_runs


def signed(value: float, form: str = ".2f") -> str:
    """A number with a real minus sign."""
    return f"{value:{form}}".replace("-", "−")


def whole(value: float | None) -> str:
    """A whole number with thin spaces between thousands; "unstated" where there is none."""
    return "unstated" if value is None else f"{int(value):,}".replace(",", "\u2009")


def source_told(cube: xr.DataTree) -> str:
    """The data set whose images a network was trained on."""
    return str(cube.attrs.get("dataset_source", "unstated data"))


def left_out_told(*cubes: xr.DataTree, gaps: str = "") -> str:
    """A sentence on the runs that no mean counts, with what `gaps` look like; nothing if none."""
    lost = sum(map(lost_runs, cubes))
    if not lost:
        return ""
    told = f" {lost} run{'s' if lost > 1 else ''} diverged or missing: left out of the means"
    return f"{told}; {gaps}." if gaps else f"{told}."
