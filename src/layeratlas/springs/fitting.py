"""Fits of a whole network cube: one chain a run, one a cell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from layeratlas import __version__
from layeratlas.analysis import load_curve
from layeratlas.springs.fit import Library, fit_curve, normalised

_UNITS = {"units": "1", "references": "layeratlas.springs.fit"}


def fit_cube(
    network: xr.DataTree, chains: xr.DataTree, description: Mapping[str, Any]
) -> xr.DataTree:
    """Fit every run and every cell of a network's cube with the chains of a library cube.

    `/runs` (axes, seed): fitted `friction_right`, `noise_strength`, `residual`. `/cells` (axes):
    the fit of the seed-mean curve, with the region of parameters that fits as well (`…_low`,
    `…_high`), `…_identifiable`, and the standard deviation over seeds of the runs' fits. The
    tolerance of a cell is the rms scatter of its seeds' normalised curves, at least the
    library's own.
    """
    separation = chains["layers"].to_dataset()["spring_separation"].isel(step=-1)
    library = Library.from_separation(
        separation["friction_right"].values,
        separation["noise_strength"].values,
        separation.transpose("friction_right", "noise_strength", "seed", "layer").values,
    )
    curves = load_curve(network, over=None)
    axes = [str(d) for d in curves.dims if d not in ("seed", "layer")]
    curves = curves.transpose(*axes, "seed", "layer").astype(float)
    shape = curves.shape[:-2]
    runs = {name: np.full(curves.shape[:-1], np.nan, "f4") for name in _RUN}
    cells = {name: np.full(shape, np.nan, "f4") for name in _CELL}
    for cell in np.ndindex(*shape):
        values = curves.values[cell]
        finite = values[np.isfinite(values).all(axis=-1)]
        if not len(finite):
            continue
        each = normalised(finite)
        scatter = float(np.sqrt(np.mean((each - each.mean(axis=0)) ** 2)))
        tolerance = max(scatter, library.scatter)
        for i, curve in enumerate(values):
            fit = fit_curve(curve, library, tolerance)
            runs["friction_right_fit"][(*cell, i)] = fit.friction
            runs["noise_strength_fit"][(*cell, i)] = fit.noise
            runs["residual"][(*cell, i)] = fit.residual
        fit = fit_curve(finite.mean(axis=0), library, tolerance)
        cells["tolerance"][cell] = tolerance
        cells["residual"][cell] = fit.residual
        for name, best, interval, known in (
            ("friction_right", fit.friction, fit.friction_interval, fit.friction_identifiable),
            ("noise_strength", fit.noise, fit.noise_interval, fit.noise_identifiable),
        ):
            cells[f"{name}_fit"][cell] = best
            cells[f"{name}_low"][cell], cells[f"{name}_high"][cell] = interval
            cells[f"{name}_identifiable"][cell] = known
            cells[f"{name}_seed_std"][cell] = np.nanstd(runs[f"{name}_fit"][cell])
    coordinates = {axis: network.coords[axis] for axis in (*axes, "seed")}
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(coords=coordinates, attrs=_attributes(network, description, library)),
            "/runs": _dataset(runs, (*axes, "seed"), _RUN),
            "/cells": _dataset(cells, tuple(axes), _CELL),
        }
    )


_RUN = {
    "friction_right_fit": "friction μ→ of the chain nearest in shape",
    "noise_strength_fit": "noise ε̄ of the chain nearest in shape",
    "residual": "rms distance between the normalised curves",
}
_CELL = _RUN | {"tolerance": "rms distance that counts as equally good"}
for _name, _words in (("friction_right", "friction μ→"), ("noise_strength", "noise ε̄")):
    _CELL |= {
        f"{_name}_low": f"smallest {_words} that fits as well",
        f"{_name}_high": f"largest {_words} that fits as well",
        f"{_name}_identifiable": f"1 where less than half of the library's {_words} fits as well",
        f"{_name}_seed_std": f"standard deviation over seeds of the fitted {_words}",
    }


def _dataset(values: Mapping[str, np.ndarray], dims, names: Mapping[str, str]) -> xr.Dataset:
    return xr.Dataset(
        {
            name: (dims, array, {"long_name": names[name], **_UNITS})
            for name, array in values.items()
        }
    )


def _attributes(network, description: Mapping[str, Any], library: Library) -> dict[str, Any]:
    kept = ("dataset_source", "n_train", "dataset", "noise_kind")
    return {
        "title": description["title"],
        "summary": description["summary"],
        "Conventions": "CF-1.11, ACDD-1.3",
        "source": f"Layer Atlas {__version__}",
        "references": description["references"],
        "experiment": description["name"],
        "preset": description["preset"],
        **{name: network.attrs[name] for name in kept if name in network.attrs},
        "library_scatter": library.scatter,
        "settings": json.dumps(description["settings"], sort_keys=True),
    }
