"""Correlations over noise and nonlinearity, on the networks of the spring–block paper."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layeratlas.figures import style
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa.figures import looks
from layeratlas.papers.nfa.theories import EXPERIMENT, correlations_over_grid

_PANELS = {
    "uc_nfc": "UC-NFC",
    "c_nfc": "C-NFC",
    "beyond_turned": "C-NFC less that of turned K",
}


@style.styled
def nfc_phase_diagram(cubes: Cubes, references: References) -> Figure:
    """UC-NFC, C-NFC and what of the latter spectra do not explain, over slope and dropout.

    Means over hidden layers and seeds at the end of training. Slopes ascend to the right (ReLU at
    the left), noise grows upwards. c: C-NFC less what is expected of it with K's eigenvectors at
    random. No units. Beyond arXiv 2402.05271; grid: arXiv 2407.19353.
    """
    cube = cubes[EXPERIMENT]
    found = correlations_over_grid(cube)
    figure = style.new_figure(style.PAGE, 2.35)
    row = figure.subplots(1, 3, sharey=True)
    for letter, axes, (name, words) in zip("abc", row, _PANELS.items(), strict=True):
        _map(axes, found[name].mean(("seed", "layer"), skipna=False), name)
        looks.panel_title(axes, letter, words)
        axes.set_xlabel(style.axis_label("negative_slope"))
    row[0].set_ylabel(style.axis_label("dropout"))
    style.note(
        figure,
        "Beyond the paper: the networks of the noise–nonlinearity diagram (batch norm, Adam), at "
        f"the end of training; means over hidden layers and seeds{_spread(found)}. Colours go from "
        "0 to 1 in a and b, from −0.4 to 0.4 in c. c is 0 where C-NFC is what the spectra of K and "
        "of what training added to W give at random eigenvectors.",
    )
    return figure


def _spread(found: xr.Dataset) -> str:
    """Largest and middle standard deviation over seeds of a cell's mean, of each panel."""
    if found.sizes["seed"] < 2:
        return ""
    cells = found[list(_PANELS)].mean("layer", skipna=False).std("seed", ddof=1)
    told = [f"{float(v.median()):.2f} ({float(v.max()):.2f})" for v in cells.data_vars.values()]
    return f", whose standard deviation is in the median (at most) {', '.join(told)} in a, b, c"


def _map(axes: Axes, values: xr.DataArray, name: str) -> None:
    from cmcrameri import cm

    shown = values.transpose("dropout", "negative_slope")
    signed = name == "beyond_turned"
    low, high = (-0.4, 0.4) if signed else (0.0, 1.0)
    axes.imshow(
        np.ma.masked_invalid(shown.values), cmap=cm.vik if signed else cm.batlow,
        vmin=low, vmax=high, aspect="auto", interpolation="nearest", gid=name,
    )  # fmt: skip
    axes.set_facecolor(style.MISSING)
    small = shown.size > 20
    for i, j in np.ndindex(*shown.shape):
        value = float(shown[i, j])
        if np.isfinite(value):
            # The ends of the one map are dark, of the other the lower one alone.
            dark = abs(value) > 0.22 if signed else value < 0.55
            axes.text(
                j, i, f"{value:.2f}", ha="center", va="center", fontsize=6 if small else 6.5,
                color="white" if dark else "black",
            )  # fmt: skip
    for axis, dim in ((axes.xaxis, "negative_slope"), (axes.yaxis, "dropout")):
        axis.set_ticks(range(shown.sizes[dim]), style.tick_labels(dim, shown[dim].values))
    axes.tick_params(length=0)
