"""Claims on the convolutional network of *Spring-block theory of feature learning*.

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353. The paper says that the CNN on CIFAR-10 behaves
as the MLP on MNIST does; the numbers below are what its thesis asks of one row of the phase
diagram. A cube that is not the published experiment is judged by the same numbers, under the name
of a stand-in.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes import selecting
from layeratlas.cubes.population import seeds
from layeratlas.cubes.settings import departures
from layeratlas.cubes.statistics import spearman
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.layout import dropout_row
from layeratlas.papers.spring_block.published import CIFAR10_SOURCES, CNN_CIFAR10

SOURCE = "arXiv 2407.19353, CNN on CIFAR-10"

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(rank=0.7, inside=1)
#: Dropout rates that an axis must span for statements about where accuracy peaks.
SPAN = (0.0, 0.32)


def cnn_load_curves(cubes: Cubes, references: References) -> list[Claim]:
    """Claims on the published experiment, or on the stand-in of a smaller preset."""
    return _judged("cnn_load_curves", cubes["cnn_cifar10"])


def cnn_load_curves_reduced(cubes: Cubes, references: References) -> list[Claim]:
    """The same claims on the reduced experiment."""
    return _judged("cnn_load_curves_reduced", cubes["cnn_cifar10_reduced"])


def _judged(figure: str, cube: xr.DataTree) -> list[Claim]:
    """Dropout makes the load curve more convex, and some of it, not most, is best."""
    convexity = dropout_row(load_curves.convexity_index(load_curves.load_curve(cube)))
    accuracy = dropout_row(selecting.mean_accuracy(cube))
    rates = convexity["dropout"].values
    curves, scores = (
        int(dropout_row(count).sum())
        for count in (load_curves.runs_behind(cube), selecting.finished_runs(cube))
    )
    subject, n = _subject(cube), seeds(cube)
    behind = f"{n} seed{'s' if n > 1 else ''} a rate"
    few = (
        f"{len(rates)} dropout rate{'s' if len(rates) > 1 else ''}: the statement needs at least 3"
        if len(rates) < 3
        else None
    )
    ledger = Ledger(figure, SOURCE)

    def rank() -> tuple[float, int, str]:
        value = float(spearman(convexity["dropout"], convexity, "dropout"))
        note = ", ".join(
            f"{ci:+.3f} at {p:g}" for p, ci in zip(rates, convexity.values, strict=True)
        )
        return value, curves, f"CI {note}; {behind}"

    def places_inside() -> tuple[float, int, str]:
        table = ", ".join(
            f"{a:.1f} % at {p:g}" for p, a in zip(rates, accuracy.values, strict=True)
        )
        if not np.isfinite(accuracy.values).all():
            return np.nan, scores, f"{table}; {behind}"
        best = np.flatnonzero(accuracy.values == accuracy.values.max())
        # Of equal maxima the outermost counts: a tie with an end is no peak inside.
        inside = int(np.minimum(best, len(rates) - 1 - best).min())
        return float(inside), scores, f"{table}; {behind}"

    ledger.decide(
        "rank",
        subject,
        "more dropout, more convex: Spearman(dropout rate, CI)",
        ">=",
        THRESHOLD.rank,
        rank,
        unless=few,
    )
    ledger.decide(
        "peak",
        subject,
        "accuracy peaks at an intermediate rate: places from the best rate to the nearer end of "
        "the axis",
        ">=",
        THRESHOLD.inside,
        places_inside,
        unless=few or _lacks_end(rates),
    )
    return ledger.claims


def _subject(cube: xr.DataTree) -> str:
    if not departures(cube, CNN_CIFAR10):
        return CNN_CIFAR10.name
    source = cube.attrs.get("dataset_source", "unstated data")
    return f"reduced {source}" if source in CIFAR10_SOURCES else f"stand-in on {source}"


def _lacks_end(rates: np.ndarray) -> str | None:
    low, high = SPAN
    if rates.min() > low or rates.max() < high - 1e-6:
        return (
            f"the rates go from {rates.min():g} to {rates.max():g}; "
            f"the statement is about {low:g} to {high:g} and beyond"
        )
    return None
