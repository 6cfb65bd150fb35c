"""Table of peaks: where the hierarchy stands in every network, beside three equilibrium layers."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from layeratlas.figures.table import Table, draw
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import peaks

_HEADER = (
    "network", "$L$", "$c_0$", r"$l^*_{asym}$", r"$l^*_{mf}$", r"$l^*_{emp}$", "peak",
    "of seeds", "centroid", "prominence", "ascent–descent",
)  # fmt: skip


def peak_table_table(cubes: Cubes) -> Table:
    """T1: L, c0, l*_asym, l*_mf, l*_emp, peak, its sd, centroid, prominence of every network."""
    groups = [[_row(network) for network in group] for group in peaks.groups(cubes)]
    return Table(
        "Alignment hierarchies and equilibrium layers",
        _HEADER,
        groups,
        "Training images at the running loss 0.1, or at the end where no run came to it (*); "
        "±: standard deviation over seeds. $c_0$: mean cosine of inputs. $l^*_{asym}$: "
        r"$2.1355\,L^{3/5}$, far too deep for L < 100; $l^*_{mf}$: infinitely wide network of the "
        "same $c_0$; $l^*_{emp}$: the network itself before training: all derived here. Ascent–"
        "descent by the rule chosen here; with fewer than three seeds undecided.",
        keys=2,
    )


def peak_table(cubes: Cubes, references: References) -> Figure:
    """The table as a figure."""
    return draw(peak_table_table(cubes))


def _row(found: peaks.Judged) -> list[str]:
    network, shape = found.network, found.network.shape
    star = "" if found.at_mark or not shape.seeds else "*"
    kind = ", ".join(part for part in network.subject.split(", ") if not part.startswith("L ="))
    return [
        kind + star,
        str(network.layers),
        _number(network.c0, 3),
        _number(network.asymptotic if math.isfinite(network.mean_field) else math.nan, 1),
        _number(network.mean_field, 1),
        _spread(network.empirical),
        _number(shape.peak, 0),
        _spread(shape.peaks),
        _number(shape.centroid, 1),
        _number(shape.prominence, 2),
        shape.presence if shape.seeds else "no run",
    ]


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if math.isfinite(value) else "–"


def _spread(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    if not known.size:
        return "–"
    if known.size == 1:
        return f"{known[0]:.1f}"
    return f"{known.mean():.1f} ± {known.std(ddof=1):.1f}"
