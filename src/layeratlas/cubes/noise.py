"""Axes that set how stochastic the dynamics are, and which way along them is more so."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.errors import LayerAtlasError

#: Axes that set how stochastic training is, and whether a larger value means more noise.
NOISE_GROWS_WITH_VALUE = {
    "data_noise": True,
    "learning_rate": True,
    "dropout": True,
    "batch_size": False,
    "noise_strength": True,
}


def noise_rank(coordinate: xr.DataArray) -> xr.DataArray:
    """Rank of each value of a noise axis: 0 is the least stochastic.

    A smaller batch is noisier; for data noise, dropout and learning rate a larger value is.
    LayerAtlasError for any other axis.
    """
    name = str(coordinate.name)
    if name not in NOISE_GROWS_WITH_VALUE:
        raise LayerAtlasError(f"{name!r} is no noise axis; one of {sorted(NOISE_GROWS_WITH_VALUE)}")
    values = coordinate.values if NOISE_GROWS_WITH_VALUE[name] else -coordinate.values
    rank = np.argsort(np.argsort(values))
    return coordinate.copy(data=rank).rename("noise_rank").assign_attrs(units="1")
