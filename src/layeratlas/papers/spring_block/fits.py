"""Fits of a whole network cube: one chain a run, one a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.chains.fits import Fit, Library, TrajectoryLibrary, nearest
from layeratlas.cubes.attributes import cube_attributes
from layeratlas.papers.spring_block.load_curves import load_curve
from layeratlas.papers.spring_block.regimes import BATCH_NORM_MODE

_UNITS = {"units": "1", "references": "layeratlas.chains.fits"}
_PARAMETERS = {
    "friction_right": "friction μ→",
    "noise_strength": "noise ε̄",
    "steps_per_epoch": "steps of the chain an epoch",
}


def fit_cube(
    network: xr.DataTree, chains: xr.DataTree, description: Mapping[str, Any]
) -> xr.DataTree:
    """Fit every run and every cell of a network's cube with the chains of a library cube.

    `/runs` (axes, seed): fitted `friction_right`, `noise_strength`, `residual`. `/cells` (axes):
    the fit of the seed-mean curve, with the region of parameters that fits as well (`…_low`,
    `…_high`), `…_identifiable`, `…_at_end` of the library, and the standard deviation over seeds
    of the runs' fits. The tolerance of a cell is the rms scatter of its seeds' rescaled curves,
    at least the library's own. A run with a missing point counts nowhere.

    Where the description asks for trajectories, both nodes also have the clock,
    `steps_per_epoch`. `/load_curve_chain` (axes) is then the chain whose load curve, after all of
    the library's steps, is nearest to the network's at the last epoch, with the trajectory's
    residual at the clock that suits that chain best; `/trajectories` (axes, epoch, layer) holds
    the rescaled mean trajectory of the `network` and those of the two chains.
    """
    separation = chains["layers"].to_dataset()["spring_separation"]
    separation = separation.transpose("friction_right", "noise_strength", "seed", "step", "layer")
    friction, noise = (separation[name].values for name in ("friction_right", "noise_strength"))
    final = Library.from_separation(friction, noise, separation.isel(step=-1).values)
    about = _About(network, chains, description)
    if description["settings"]["fit"].get("quantity") != "trajectory":
        curves = _complete(load_curve(network, over=None), ("layer",))
        return _tree(about, final, _fits(curves, _squares(curves, final), final))
    curves = load_curve(network, over=None, keep_epochs=True, batch_norm_mode=BATCH_NORM_MODE)
    curves = _complete(curves, ("epoch", "layer"))
    library = TrajectoryLibrary.from_separation(
        friction,
        noise,
        separation["step"].values,
        separation.values,
        curves["epoch"].values,
    )
    squares = _squares(curves, library)
    fits = _fits(curves, squares, library)
    return _tree(about, library, fits | _beside(curves, squares, library, final))


@dataclass(frozen=True)
class _About:
    """What a cube of fits is made from."""

    network: xr.DataTree
    chains: xr.DataTree
    description: Mapping[str, Any]


#: Node → variable → its dims, values and meaning.
Nodes = dict[str, dict[str, tuple[tuple[str, ...], np.ndarray, str]]]


def _complete(curves: xr.DataArray, point: tuple[str, ...]) -> xr.DataArray:
    """(axes, seed, *point), NaN throughout where a run misses a point."""
    axes = [dim for dim in curves.dims if dim not in ("seed", *point)]
    curves = curves.transpose(*axes, "seed", *point).astype(float).compute()
    # Less than infinite: neither NaN nor an infinity.
    return curves.where((abs(curves) < np.inf).all(point))


def _cells(curves: xr.DataArray) -> tuple[str, ...]:
    """The dims of a cell: those before the seed."""
    return tuple(map(str, curves.dims[: curves.dims.index("seed")]))


def _squares(curves: xr.DataArray, library: Library | TrajectoryLibrary) -> np.ndarray:
    """r² of every run and, after the last seed, of the mean; `(cell, seed + 1, *grids)`."""
    axis = len(_cells(curves))
    mean = curves.mean("seed").values
    together = np.concatenate([curves.values, np.expand_dims(mean, axis)], axis)
    # All at once: refining a library costs more than comparing a curve with it.
    squares = library.squares(together.reshape(-1, *curves.shape[axis + 1 :]))
    return squares.reshape(-1, together.shape[axis], *squares.shape[1:])


def _fits(curves: xr.DataArray, squares: np.ndarray, library: Library | TrajectoryLibrary) -> Nodes:
    """`/runs` and `/cells`: every run fitted, and the mean over seeds."""
    axes = _cells(curves)
    runs = _empty((*axes, "seed"), curves, _run_names(library))
    cells = _empty(axes, curves, _cell_names(library))
    for cell, square in zip(_places(curves), squares, strict=True):
        best = nearest(square[-1], library.grids, 0.0).best
        if not best:
            continue
        each = library.scale(curves.values[cell])
        scatter = float(np.sqrt(np.nanmean((each - np.nanmean(each, axis=0)) ** 2)))
        tolerance = max(scatter, library.scatter_at(best))
        for seed, of_run in enumerate(square[:-1]):
            _note(runs, (*cell, seed), nearest(of_run, library.grids, tolerance))
        _note(cells, cell, nearest(square[-1], library.grids, tolerance))
        cells["tolerance"][1][cell] = tolerance
        for name in library.grids:
            fitted = runs[f"{name}_fit"][1][cell]
            # One seed says nothing of a spread.
            if np.isfinite(fitted).sum() > 1:
                cells[f"{name}_seed_std"][1][cell] = np.nanstd(fitted, ddof=1)
    return {"runs": runs, "cells": cells}


def _beside(
    curves: xr.DataArray, squares: np.ndarray, library: TrajectoryLibrary, final: Library
) -> Nodes:
    """`/load_curve_chain`, what the last epoch alone would say, and `/trajectories`."""
    axes = _cells(curves)
    chain = _empty(axes, curves, _LOAD_CURVE)
    tracks = _empty((*axes, "epoch", "layer"), curves, _TRAJECTORIES)
    mean = curves.mean("seed").values
    of_ends = _squares(curves.isel(epoch=-1), final)
    for cell, square, of_end in zip(_places(curves), squares, of_ends, strict=True):
        fit = nearest(square[-1], library.grids, 0.0)
        end = nearest(of_end[-1], final.grids, 0.0)
        if not (fit.best and end.best):
            continue
        # Both libraries are of the same chains, so an index means the same in both.
        friction, noise = end.best.values()
        clock = int(np.argmin(square[-1][:, friction, noise]))
        chain["residual"][1][cell] = np.sqrt(square[-1][clock, friction, noise])
        chain["steps_per_epoch"][1][cell] = library.clocks[clock]
        for name, estimate in end.parameters.items():
            chain[name][1][cell] = estimate.value
        tracks["network"][1][cell] = library.scale(mean[cell])
        tracks["chain"][1][cell] = library.shape(*fit.best.values())
        tracks["load_curve_chain"][1][cell] = library.shape(clock, friction, noise)
    return {"load_curve_chain": chain, "trajectories": tracks}


def _places(curves: xr.DataArray) -> Iterable[tuple[int, ...]]:
    return np.ndindex(*(curves.sizes[axis] for axis in _cells(curves)))


def _note(into: dict, where: tuple[int, ...], fit: Fit) -> None:
    """Write a fit into those variables that there are of it."""
    found = {"residual": fit.residual}
    for name, estimate in fit.parameters.items():
        found[f"{name}_fit"] = estimate.value
        found[f"{name}_low"], found[f"{name}_high"] = estimate.low, estimate.high
        found[f"{name}_identifiable"] = estimate.identifiable
        found[f"{name}_at_end"] = estimate.at_end
    for name in into.keys() & found.keys():
        into[name][1][where] = found[name]


# ---------------------------------------------------------------------------------------------
# The cube
# ---------------------------------------------------------------------------------------------

_LOAD_CURVE = {
    "friction_right": "friction μ→ of the chain nearest at the last epoch",
    "noise_strength": "noise ε̄ of the chain nearest at the last epoch",
    "steps_per_epoch": "clock at which that chain is nearest to the whole trajectory",
    "residual": "rms distance between the rescaled trajectories at that clock",
}
_TRAJECTORIES = {
    "network": "D_l of the network, mean over seeds, with the wall at 1 and the smallest at 0",
    "chain": "y − x_l of the chain fitted to it, on the same scale",
    "load_curve_chain": "y − x_l of the chain fitted to the last epoch alone, on the same scale",
}


def _run_names(library: Library | TrajectoryLibrary) -> dict[str, str]:
    return {
        **{f"{name}_fit": f"{_PARAMETERS[name]} of the chain nearest in shape"
           for name in library.grids},
        "residual": "rms distance between the rescaled curves",
    }  # fmt: skip


def _cell_names(library: Library | TrajectoryLibrary) -> dict[str, str]:
    names = _run_names(library) | {"tolerance": "rms distance that counts as equally good"}
    for name in library.grids:
        words = _PARAMETERS[name]
        names |= {
            f"{name}_low": f"smallest {words} that fits as well",
            f"{name}_high": f"largest {words} that fits as well",
            f"{name}_identifiable": f"1 where less than half of the library's {words} fits as well",
            f"{name}_at_end": f"−1, 1 where the best {words} is the library's smallest, largest",
            f"{name}_seed_std": f"sample standard deviation over seeds of the fitted {words}",
        }
    return names


def _empty(dims: tuple[str, ...], like: xr.DataArray, names: Mapping[str, str]) -> dict:
    shape = [like.sizes[dim] for dim in dims]
    return {name: (dims, np.full(shape, np.nan, "f4"), text) for name, text in names.items()}


def _tree(about: _About, library: Library | TrajectoryLibrary, nodes: Nodes) -> xr.DataTree:
    network = about.network
    axes, *_ = nodes["runs"]["residual"]
    tree = {
        "/": xr.Dataset(
            coords={axis: network.coords[axis] for axis in axes},
            attrs=_attributes(about, library),
        )
    }
    for node, variables in nodes.items():
        tree[f"/{node}"] = xr.Dataset(
            {
                name: (dims, values, {"long_name": text, **_UNITS})
                for name, (dims, values, text) in variables.items()
            }
        )
    if "trajectories" in nodes:
        epochs = network["layers"].to_dataset()["epoch"]
        tree["/trajectories"] = tree["/trajectories"].assign_coords(epoch=epochs)
    return xr.DataTree.from_dict(tree)


def _attributes(about: _About, library: Library | TrajectoryLibrary) -> dict[str, Any]:
    network = about.network
    kept = ("axes", "dataset_source", "n_train", "dataset", "noise_kind")
    own = {
        **{name: network.attrs[name] for name in kept if name in network.attrs},
        "library_scatter": library.scatter,
        "library_settings": about.chains.attrs.get("settings", "{}"),
    }
    return cube_attributes(about.description, own)
