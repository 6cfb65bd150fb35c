"""The hierarchy over noise and nonlinearity, on the networks of the spring–block paper.

Their diagram (arXiv 2407.19353) is over dropout and the negative slope of the activation. The runs
are the same, by their ids; what is known of them is the end of training.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.infinite_width.crossing import crossing_of
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.papers.signal_propagation.networks import networks
from layeratlas.papers.signal_propagation.profiles import VIEW, profile
from layeratlas.papers.signal_propagation.shape import Shape

__all__ = ["EXPERIMENT", "NOISE", "Diagram", "diagram"]

EXPERIMENT, NOISE = "alignment_phase_diagram", "dropout"
_END = "final"


@dataclass(frozen=True)
class Diagram:
    """The shape of every cell, by (slope, noise); `crossing` l*_mf of every slope.

    `slopes` ascend (ReLU first), `noises` fall (most noise first), as the published diagram has
    them. `heights` is max A_l over A_l's null at that layer.
    """

    slopes: np.ndarray
    noises: np.ndarray
    layers: int
    c0: float
    shapes: dict[tuple[float, float], Shape]
    nulls: dict[tuple[float, float], float]
    crossing: np.ndarray

    def grid(self, name: str) -> np.ndarray:
        """A number of `Shape` of every cell, (slope, noise); NaN where no run was left."""
        return np.array(
            [[getattr(self.shapes[slope, p], name) for p in self.noises] for slope in self.slopes]
        )

    @property
    def above_null(self) -> np.ndarray:
        """The peak of the mean profile over the null at its layer, (slope, noise)."""
        return np.array([[self.nulls[slope, p] for p in self.noises] for slope in self.slopes])


def diagram(cube: xr.DataTree, view: str = VIEW) -> Diagram:
    """The diagram of a cube over `negative_slope` and dropout, at the end of training.

    l*_mf is of networks without batch norm or noise, at the edge of chaos, started at the mean
    cosine of what the first layer reads; these networks are not those, so it is a guide.
    """
    found = networks(cube, EXPERIMENT, view=view, record=_END)
    null = profile(cube, "alignment_null", view, _END).mean("seed")
    first = profile(cube, "forward_correlation", view, _END).sel(layer=1)
    c0, layers = float(first.mean()), max(one.layers for one in found)
    shapes, nulls = {}, {}
    for one in found:
        at = one.point["negative_slope"], one.point[NOISE]
        shapes[at] = one.shape
        nulls[at] = _above(one.shape, null.sel({"negative_slope": at[0], NOISE: at[1]}))
    slopes = np.array(sorted({slope for slope, _ in shapes}))
    return Diagram(
        slopes=slopes,
        noises=np.array(sorted({noise for _, noise in shapes}, reverse=True)),
        layers=layers,
        c0=c0,
        shapes=shapes,
        nulls=nulls,
        crossing=np.array([_crossing(a, c0, layers) for a in slopes]),
    )


def _crossing(slope: float, c0: float, layers: int) -> float:
    """l*_mf; NaN of a linear network, which loses nothing either way: all layers are in balance."""
    return math.nan if slope == 1 else float(crossing_of(Rectifier(slope), c0, layers))


def _above(shape: Shape, null: xr.DataArray) -> float:
    if not shape.seeds:
        return math.nan
    return shape.height / float(null.sel(layer=int(shape.peak)))
