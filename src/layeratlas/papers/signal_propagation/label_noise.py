"""Runs on noisy labels, compared at equal training loss."""

from __future__ import annotations

import xarray as xr

from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.profiles import profile

__all__ = ["EXPERIMENT", "common_mark", "mark_level", "peaks", "subset"]

EXPERIMENT = "alignment_label_noise"


def mark_level(label: str) -> float | None:
    """The running loss of a mark `mark_<loss>`; None of another record point."""
    name, _, level = label.partition("mark_")
    try:
        return None if name else float(level)
    except ValueError:
        return None


def common_mark(cube: xr.DataTree) -> str | None:
    """The mark of lowest running loss that runs at every noise level came to; None where none is.

    Training losses are equal there, which `final` would not give: random labels take longer.
    """
    marks = sorted(
        (level, label) for label in moments.labels(cube) if (level := mark_level(label)) is not None
    )
    for _, label in marks:
        if bool(moments.reached(cube, label).any("seed").all()):
            return label
    return None


def subset(cube: xr.DataTree, variable: str, view: str, record: str) -> xr.DataArray:
    """Profiles of the runs that came to the record point, (label_noise, seed, layer)."""
    came = moments.reached(cube, record)
    found = profile(cube, variable, view, record).where(came)
    return found.transpose("label_noise", "seed", "layer").sortby("label_noise")


def peaks(cube: xr.DataTree, view: str, record: str) -> xr.DataArray:
    """max_l of the seeds' mean profile at every noise level, (label_noise,)."""
    return subset(cube, "alignment", view, record).mean("seed").max("layer").rename("peak_height")
