"""Networks of a smooth activation in order, at the edge of chaos and in chaos, by σ_w.

Chosen here beside the paper's runs (specification §3.3): ReLU networks have one map of correlations
whatever σ_w, so another activation has to show the phases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.cubes.told import told_setting
from layeratlas.infinite_width.crossing import crossing
from layeratlas.infinite_width.recursion import Correlations, network_correlations
from layeratlas.infinite_width.smooth import settling, smooth
from layeratlas.papers.signal_propagation import equilibrium
from layeratlas.papers.signal_propagation.profiles import VIEW

__all__ = ["AXIS", "CHAOTIC", "EDGE", "ORDERED", "Phase", "phases"]

AXIS = "weight_std"
ORDERED, EDGE, CHAOTIC = "ordered", "edge of chaos", "chaotic"
#: How far from 1 the gain χ may be at the edge.
_NEAR = 1e-3


@dataclass(frozen=True)
class Phase:
    """One column: σ_w with its `gain` χ, the recursion from `c0`, and crossings l*.

    `forward` and `backward` (seed, layer) are the networks' fc and bc before training, `empirical`
    (seed,) their crossings; `told` is of infinite width with the variance settling from inputs of
    mean square one, `mean_field` its crossing.
    """

    weight_std: float
    gain: float
    layers: int
    c0: float
    forward: xr.DataArray
    backward: xr.DataArray
    empirical: np.ndarray
    told: Correlations
    mean_field: float

    @property
    def name(self) -> str:
        """Which phase it is in, by χ."""
        if abs(self.gain - 1) <= _NEAR:
            return EDGE
        return ORDERED if self.gain < 1 else CHAOTIC


def phases(cube: xr.DataTree, view: str = VIEW) -> list[Phase]:
    """A phase for every σ_w of the cube that any run is left of, small ones first."""
    activation = str(told_setting(cube, "model.activation"))
    bias = float(told_setting(cube, "model.initialization_settings.bias_std"))
    both = equilibrium.correlations(cube, view)
    empirical = equilibrium.empirical(cube, view)
    layers = both.sizes["layer"]
    found = []
    for weight in both[AXIS].values.tolist():
        here = both.sel({AXIS: weight})
        if here["forward"].isnull().all():
            continue
        c0 = float(here["forward"].sel(layer=1).mean())
        told = network_correlations(settling(activation, weight, bias, 1.0, layers), c0, layers)
        found.append(
            Phase(
                weight_std=weight,
                gain=smooth(activation, weight, bias).gain,
                layers=layers,
                c0=c0,
                forward=here["forward"],
                backward=here["backward"],
                empirical=np.atleast_1d(empirical.sel({AXIS: weight}).values),
                told=told,
                mean_field=float(crossing(told.loss, told.backward)),
            )
        )
    return found
