"""The four regimes whose trajectories the paper shows, of networks and of chains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.errors import LayerAtlasError

#: How trajectories are measured: under batch statistics of batch norm D_0 stays constant, as the
#: wall of the chain does.
BATCH_NORM_MODE = "batch_statistics"


@dataclass(frozen=True)
class Regime:
    """A letter of the figure; negative slope α and dropout p, friction μ→ and noise ε̄."""

    letter: str
    negative_slope: float
    dropout: float
    friction_right: float
    noise_strength: float

    @property
    def network(self) -> dict[str, float]:
        """Its cell among networks."""
        return {"negative_slope": self.negative_slope, "dropout": self.dropout}

    @property
    def chain(self) -> dict[str, float]:
        """Its cell among chains."""
        return {"friction_right": self.friction_right, "noise_strength": self.noise_strength}


REGIMES = (
    Regime("a", 0.0, 0.0, friction_right=0.10, noise_strength=0.0),
    Regime("b", 0.0, 0.28, friction_right=0.10, noise_strength=0.3),
    Regime("c", 0.8, 0.0, friction_right=0.02, noise_strength=0.0),
    Regime("d", 0.8, 0.28, friction_right=0.02, noise_strength=0.3),
)


def lacking(array: xr.DataArray | xr.Dataset, cell: Mapping[str, float]) -> list[str]:
    """What of a cell the grid does not have, "dropout 0.28", axis by axis; none if it is there."""
    return [
        f"{axis} {value:g}"
        for axis, value in cell.items()
        if axis not in array.dims or not np.isclose(array[axis].values, value).any()
    ]


def at_cell(curves: xr.DataArray, cell: Mapping[str, float]) -> xr.DataArray:
    """The curves of one cell, without its two axes; LayerAtlasError where the grid lacks it."""
    for axis, value in cell.items():
        if lacking(curves, {axis: value}):
            raise LayerAtlasError(
                f"the trajectories need {axis} {value:g}; the grid has "
                f"{list(curves[axis].values) if axis in curves.dims else 'no such axis'}"
            )
    return curves.sel(dict(cell), method="nearest", drop=True)
