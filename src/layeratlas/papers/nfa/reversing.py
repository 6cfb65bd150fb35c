"""Where C-NFC begins on alignment reversing data: observed, exact at the start, and predicted."""

from __future__ import annotations

import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.cubes.told import told_setting
from layeratlas.papers.nfa import curves, free_probability

__all__ = ["EXPERIMENT", "by_run", "correlations"]

EXPERIMENT = "nfa_reversing"


def correlations(cube: xr.DataTree) -> xr.Dataset:
    """`observed`, `derivative` and `predicted`, (balance, draw_seed) each, balances ascending.

    Observed: C-NFC after one small step; derivative: ρ(F'', G'') of the same network before it;
    predicted: from moments of its data alone. Means over seeds of weights.
    """
    observed = by_run(cube)
    exact = curves.at(curves.curve(cube, "derivative_nfc"), "init").isel(layer=0, drop=True)
    traces = selecting.final(selecting.recorded(cube, "moment_traces"), keep_epochs=True)
    traces = curves.at(selecting.ascending(traces.astype("float64").load()), "init")
    width = told_setting(cube, "model.settings.width")
    dimension = told_setting(cube, "dataset.settings.dimension")
    told = {
        "observed": observed,
        "derivative": exact,
        "predicted": free_probability.predicted(traces, width, dimension),
    }
    axes = ("balance", "draw_seed", "seed")
    found = xr.Dataset(
        {name: array.drop_vars(set(array.coords) - set(axes)) for name, array in told.items()}
    )
    return found.mean("seed", skipna=False).transpose("balance", "draw_seed")


def by_run(cube: xr.DataTree) -> xr.DataArray:
    """What `correlations` observes of every run, (balance, draw_seed, seed)."""
    return curves.at(curves.curve(cube, "c_nfc"), "final").isel(layer=0, drop=True)
