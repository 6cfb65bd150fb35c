"""Runs of one setting and their mean, drawn by seaborn from labelled arrays.

Runs are told apart by the dimension `seed`; a run with a missing point is drawn up to its gap and
counts where it has a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import xarray as xr
from matplotlib.axes import Axes

if TYPE_CHECKING:
    import pandas as pd


def each_run(axes: Axes, runs: xr.DataArray, x: str, **look: Any) -> None:
    """One thin line a run of `runs` (seed, x) against the coordinate `x`."""
    import seaborn as sns

    known = _tidy(runs, x)
    # Seaborn draws nothing without units, but fails with them.
    if len(known):
        sns.lineplot(known, x=x, y="value", units="seed", estimator=None, ax=axes, **look)


def mean_and_spread(axes: Axes, runs: xr.DataArray, x: str, **look: Any) -> None:
    """Mean of `runs` (seed, x) at each `x` ± the sample standard deviation over seeds, as bars."""
    import seaborn as sns

    bars = {"capsize": 1.5, "zorder": look.get("zorder"), "elinewidth": look.pop("lw", None)}
    look.setdefault("markeredgecolor", look.get("color"))
    sns.lineplot(
        _tidy(runs, x),
        x=x,
        y="value",
        errorbar="sd",
        err_style="bars",
        err_kws=bars,
        ls="none",
        legend=False,
        ax=axes,
        **look,
    )


def _tidy(runs: xr.DataArray, x: str) -> pd.DataFrame:
    """One row a finite value, as seaborn reads it."""
    kept = runs.drop_vars([name for name in runs.coords if name not in ("seed", x)])
    return kept.rename("value").to_dataframe().reset_index().dropna()
