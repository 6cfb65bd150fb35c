"""Networks of one size under several hyper-parameter scalings, where training left them.

Beyond the paper: the scalings are those of Chizat and Netrapalli (arXiv 2311.18718).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.papers.signal_propagation import equilibrium
from layeratlas.papers.signal_propagation.profiles import INIT, VIEW, layer_count, profile
from layeratlas.papers.signal_propagation.shape import Shape, shape_of
from layeratlas.papers.signal_propagation.shifts import at_point, ended

__all__ = ["EXPERIMENT", "PLAIN", "Scaled", "scaled"]

EXPERIMENT = "alignment_under_scalings"
#: The scaling that is the paper's own parametrisation: the edge of chaos and one learning rate.
PLAIN = "kaiming"


@dataclass(frozen=True)
class Scaled:
    """One scaling: `profiles` and `initial` (seed, layer), `came` (seed,), master step `rate`.

    `crossing` is l*_emp before training, mean over seeds.
    """

    name: str
    rate: float
    layers: int
    profiles: xr.DataArray
    initial: xr.DataArray
    null: xr.DataArray
    came: np.ndarray
    crossing: float

    @property
    def shape(self) -> Shape:
        """The shape of the profiles."""
        return shape_of(self.profiles)

    @property
    def marked(self) -> bool:
        """Whether all of its runs came to the mark."""
        return bool(self.came.all())

    @property
    def growth(self) -> float:
        """max_l A_l over its largest value before training, of means over seeds."""
        before = float(self.initial.mean("seed").max())
        return self.shape.height / before if self.shape.seeds else float("nan")


def scaled(cube: xr.DataTree, view: str = VIEW) -> list[Scaled]:
    """Every scaling of the cube, in its order."""
    values, came = ended(cube, "alignment", view)
    null, _ = ended(cube, "alignment_null", view)
    before = profile(cube, "alignment", view, INIT)
    crossing = equilibrium.empirical(cube, view)
    counts = layer_count(values)
    rates = cube["/"].to_dataset().coords.get("learning_rate")
    found = []
    for name in values["scaling"].values:
        at = {"scaling": name}
        found.append(
            Scaled(
                name=str(name),
                rate=float("nan") if rates is None else float(at_point(rates, at)),
                layers=int(at_point(counts, at)),
                profiles=values.sel(at).transpose("seed", "layer"),
                initial=before.sel(at).transpose("seed", "layer"),
                null=null.sel(at).transpose("seed", "layer"),
                came=came.sel(at).values,
                crossing=float(crossing.sel(at).mean("seed")),
            )
        )
    return found
