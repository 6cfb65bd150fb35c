"""Where the peak of the alignment leaves the first layer: the quantity, and a line of theory."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from layeratlas.infinite_width.crossing import crossing_of
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.papers.signal_propagation.profiles import profile

__all__ = ["EXPERIMENTS", "crossing_at_first", "peak_beyond_first"]

#: Whose boundaries lie in one plane: of the load curve, and of the alignment's peak.
EXPERIMENTS = ("boundary_dropout", "boundary_alignment")

_END, _SLOPE = "final", "negative_slope"


def peak_beyond_first(cube: xr.DataTree) -> xr.DataArray:
    """ln( max_{l ≥ 2} A_l / A_1 ) of every run at the end of training, without unit.

    Positive where the alignment A_l is largest beyond the first layer, negative where its peak is
    layer 1; so its zero is where the peak leaves the input, by a number that changes smoothly where
    the layer of the peak jumps. NaN of a run that did not end well, and where an alignment is not
    positive.
    """
    alignment = profile(cube, "alignment", record=_END)
    first = alignment.isel(layer=0, drop=True)
    deeper = alignment.isel(layer=slice(1, None)).max("layer")
    ratio = deeper / first
    found = xr.DataArray(np.log(ratio.where(ratio > 0)))
    return found.rename("peak_beyond_first").assign_attrs(
        long_name="ln(max A_l / A_1), l ≥ 2", units="1"
    )


def crossing_at_first(cube: xr.DataTree) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """The slope from which on the crossing l* of infinitely wide leaky-ReLU networks is layer 1.

    Of networks without batch norm or noise at the edge of chaos, started at the mean cosine of what
    the first layer reads (`forward_correlation`): a guide, for these are not those (specification
    §3.3). No line where the slope is no axis, the cube has no such correlation, or no slope in its
    range is the turning one.
    """
    if "refined" not in cube.children or "affine" not in cube.children:
        return []
    refine = json.loads(cube["refined"].attrs["refine"])
    axes = refine["axes"]
    if _SLOPE not in axes or "forward_correlation" not in cube["affine"].data_vars:
        return []
    cosines = profile(cube, "forward_correlation", record=_END)
    cosine, layers = float(cosines.isel(layer=0).mean()), cosines.sizes["layer"]
    low, high = map(float, refine["plane"][_SLOPE])
    slopes = np.linspace(low, high, 401)
    slopes = slopes[slopes < 1]
    crossings = np.array([float(crossing_of(Rectifier(a), cosine, layers)) for a in slopes])
    turns = np.flatnonzero((crossings[:-1] > 1) != (crossings[1:] > 1))
    other = axes[1] if axes[0] == _SLOPE else axes[0]
    along = np.asarray(refine["plane"][other], float)
    lines = []
    for turn in turns:
        at = np.full(2, (slopes[turn] + slopes[turn + 1]) / 2)
        pair = (at, along) if axes[0] == _SLOPE else (along, at)
        lines.append(("l* = 1 (infinite width, no batch norm)", *pair))
    return lines
