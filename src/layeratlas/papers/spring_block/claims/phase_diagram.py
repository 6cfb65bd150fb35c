"""Claims on the phase diagram of *Spring-block theory of feature learning*.

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353. The paper makes its statements by a figure;
the thresholds below were set on the digitised published values. CI is the convexity index of the
seed-mean load curve (`load_curves.convexity_index`), α the negative slope.

Two grids are told apart by the coordinates of a cube, not by the name of its preset: *full* holds
all published rows and columns, everything else is *reduced*. On a reduced grid claim 7 asks for
less and claim 9 is not made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes import selecting
from layeratlas.cubes.statistics import spearman
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.noise import (
    NOISE_GROWS_WITH_VALUE,
    noise_axis,
    noise_rank,
    order_by_noise,
)
from layeratlas.papers.spring_block.published import (
    PUBLISHED_COLUMNS,
    PUBLISHED_SLOPES,
    compare_with_published,
    published_phase_diagram,
)

SOURCE = "arXiv 2407.19353, noise–nonlinearity phase diagram"
PUBLISHED = "spring_block_phase_diagram_published.csv"

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(
    concave_corner=-0.10,  # claim 1
    convex_corner=0.15,  # claim 2
    noisy_relu=0.05,  # claim 3, panels a and c
    sign_changes=1,  # claims 3 and 6
    row_rank=0.6,  # claim 4
    column_rank=0.8,  # claim 5
    uniformity_rank={"full": -0.5, "reduced": -0.4},  # claim 7
    best_cell=0.08,  # claim 7
    monotone=0.0,  # claim 8
    universality=0.8,  # claim 9
    he_su_ends=2,  # pseudo-inverse measure
    fidelity_convexity=0.03,
    fidelity_accuracy=1.0,
)

PANELS = {
    "phase_diagram_data_noise": ("a", "data noise"),
    "phase_diagram_learning_rate": ("b", "learning rate"),
    "phase_diagram_dropout": ("c", "dropout"),
    "phase_diagram_batch_size": ("d", "batch size"),
}

PUBLISHED_SLOPES = PUBLISHED_SLOPES
PUBLISHED_COLUMNS = PUBLISHED_COLUMNS
#: (least, most) noise an axis must reach for statements about its ends: those of the reduced grid.
ENDS = {
    "data_noise": (0.0, 0.7),
    "learning_rate": (1e-4, 1e-1),
    "dropout": (0.0, 0.28),
    "batch_size": (1280, 20),
}

#: A strongly non-monotone outlier in the published figure; claim 5 leaves this column out.
OUTLIER = ("batch_size", 10)

Cubes = Mapping[str, xr.DataTree]
References = Mapping[str, Path]


# ---------------------------------------------------------------------------------------------
# One panel
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """A cube as the claims see it: tables over (noise, slope), least stochastic column first."""

    experiment: str
    cube: xr.DataTree = field(repr=False)
    variable: str = "data_separation"

    @cached_property
    def noise(self) -> str:
        return noise_axis(self.cube)

    @cached_property
    def curves(self) -> xr.DataArray:
        return self._ordered(load_curves.load_curve(self.cube, variable=self.variable))

    @cached_property
    def convexity(self) -> xr.DataArray:
        return load_curves.convexity_index(self.curves).compute()

    @cached_property
    def accuracy(self) -> xr.DataArray:
        return self._ordered(selecting.mean_accuracy(self.cube)).compute()

    @property
    def letter(self) -> str:
        return PANELS[self.experiment][0]

    @property
    def subject(self) -> str:
        return "{} {}".format(*PANELS[self.experiment])

    @property
    def cells(self) -> tuple[str, str]:
        return (self.noise, "negative_slope")

    @property
    def columns(self) -> np.ndarray:
        return self.convexity[self.noise].values

    @property
    def slopes(self) -> np.ndarray:
        return self.convexity["negative_slope"].values

    @property
    def profile(self) -> str:
        full = _holds_all(self.slopes, PUBLISHED_SLOPES) and _holds_all(
            self.columns, PUBLISHED_COLUMNS[self.noise]
        )
        return "full" if full else "reduced"

    @cached_property
    def lost(self) -> str:
        """Runs behind no number of this panel: seed means are over the others."""
        status = self.cube["/"].to_dataset()["status"]
        lost = int((status != selecting.STATUS_OK).sum())
        return f"{lost} of {status.size} runs diverged or missing" if lost else ""

    def _ordered(self, array: xr.DataArray) -> xr.DataArray:
        tail = [dim for dim in array.dims if dim == "layer"]
        ordered = order_by_noise(array).sortby("negative_slope")
        extra = [dim for dim in ordered.dims if dim not in (*self.cells, *tail)]
        # Claims are about one diagram: a longer extra axis must be cut by the caller.
        return ordered.squeeze(extra, drop=True).transpose(*self.cells, *tail)

    def at(self, slope: float, end: str) -> float:
        column = 0 if end == "least" else -1
        return float(self.row(slope)[column])

    def row(self, slope: float) -> np.ndarray:
        """CI along the noise axis, least stochastic first."""
        (index,) = np.nonzero(np.isclose(self.slopes, slope))[0][:1]
        return self.convexity.isel(negative_slope=int(index)).values

    def lacks_slope(self, slope: float) -> str | None:
        if np.isclose(self.slopes, slope).any():
            return None
        return f"the grid has no negative slope {slope:g}"

    def lacks_end(self, *ends: str) -> str | None:
        """Why statements about the ends of the noise axis cannot be decided on this grid."""
        reached = {"least": self.columns[0], "most": self.columns[-1]}
        needed = dict(zip(("least", "most"), ENDS[self.noise], strict=True))
        sign = 1 if NOISE_GROWS_WITH_VALUE[self.noise] else -1
        for end in ends:
            excess = sign * (float(reached[end]) - needed[end]) * (1 if end == "most" else -1)
            if excess < -1e-6 * max(abs(needed[end]), 1e-3):
                return (
                    f"the {end} noisy column is {self.noise} {float(reached[end]):g}; "
                    f"the statement is about {needed[end]:g}"
                )
        return None


def _panels(cubes: Cubes, variable: str = "data_separation") -> list[Panel]:
    return [Panel(name, cubes[name], variable) for name in PANELS if name in cubes]


# ---------------------------------------------------------------------------------------------
# The claims, figure by figure
# ---------------------------------------------------------------------------------------------


def phase_diagram(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 1 to 9 of the phase diagram."""
    ledger = Ledger("phase_diagram", SOURCE)
    panels = _panels(cubes)
    for panel in panels:
        _corners(ledger, panel)
        _relu_row(ledger, panel)
        _ranks(ledger, panel)
        _intermediate_row(ledger, panel)
        _uniformity(ledger, panel)
        _monotone(ledger, panel)
    _universality(ledger, panels)
    return ledger.claims


def load_uniformity(cubes: Cubes, references: References) -> list[Claim]:
    """Claim 7 of the phase diagram, as the scatter plot shows it."""
    ledger = Ledger("load_uniformity", SOURCE)
    for panel in _panels(cubes):
        _uniformity(ledger, panel)
    return ledger.claims


def phase_diagram_he_su(cubes: Cubes, references: References) -> list[Claim]:
    """The pseudo-inverse measure agrees in sign at the ends of the ReLU row, panels a and c."""
    ledger = Ledger("phase_diagram_he_su", SOURCE)
    he_su = _panels(cubes, "data_separation_pseudoinverse")
    for panel, other in zip(_panels(cubes), he_su, strict=True):
        if panel.letter not in "ac":
            continue

        def agreeing(panel: Panel = panel, other: Panel = other) -> tuple[float, int, str]:
            ours = [panel.at(0, end) for end in ("least", "most")]
            theirs = [other.at(0, end) for end in ("least", "most")]
            note = "trace ratio {:.3f}, {:.3f}; pseudo-inverse {:.3f}, {:.3f}".format(
                *ours, *theirs
            )
            if not np.isfinite(ours + theirs).all():
                return np.nan, 2, note
            return float((np.sign(ours) == np.sign(theirs)).sum()), 2, note

        ledger.decide(
            "sign-at-ends",
            panel,
            "for α = 0, CI at the least and the most noise has the sign of the trace-ratio CI",
            "==",
            THRESHOLD.he_su_ends,
            agreeing,
            unless=panel.lacks_slope(0) or panel.lacks_end("least", "most"),
        )
    return ledger.claims


def phase_diagram_fidelity(cubes: Cubes, references: References) -> list[Claim]:
    """Distance to the published values of panels a and c, cell by cell."""
    ledger = Ledger("phase_diagram_fidelity", f"{SOURCE}, digitised values")
    published = published_phase_diagram(references[PUBLISHED])
    shown = published["test_accuracy_percent"].isel(panel=0).size
    quantities = (
        ("convexity_index", "convexity", "mean |ΔCI|", THRESHOLD.fidelity_convexity),
        (
            "test_accuracy_percent",
            "accuracy",
            "mean |Δ accuracy| in points",
            THRESHOLD.fidelity_accuracy,
        ),
    )
    for panel in _panels(cubes):
        if panel.letter not in published["panel"].values:
            continue
        pairs = compare_with_published(panel.cube, published)
        for variable, id, statement, threshold in quantities:
            ours, theirs = pairs[variable].values, pairs[f"{variable}_published"].values
            table = [
                {
                    panel.noise: float(pairs[panel.noise].values[k]),
                    "negative_slope": float(pairs["negative_slope"].values[k]),
                    "reproduced": float(ours[k]),
                    "published": float(theirs[k]),
                    "difference": float(ours[k] - theirs[k]),
                }
                for k in range(pairs.sizes["cell"])
            ]

            def distance(ours=ours, theirs=theirs, panel=panel) -> tuple[float, int, str]:
                seeds = panel.cube["/"].sizes["seed"]
                note = f"{len(ours)} of {shown} published cells; seeds a cell: {seeds}"
                return float(np.abs(ours - theirs).mean()), len(ours), note

            ledger.decide(
                f"fidelity-{id}",
                panel,
                f"{statement}, over the cells that coincide with a published one",
                "<=",
                threshold,
                distance,
                unless=None if table else "no cell of the grid coincides with a published cell",
                table=table,
            )
    return ledger.claims


# ---------------------------------------------------------------------------------------------
# Claims 1 to 9
# ---------------------------------------------------------------------------------------------


def _corners(ledger: Ledger, panel: Panel) -> None:
    ledger.decide(
        "1",
        panel,
        "concave top right: CI at α = 0 and least noise",
        "<=",
        THRESHOLD.concave_corner,
        lambda: (panel.at(0, "least"), 1, ""),
        unless=panel.lacks_slope(0) or panel.lacks_end("least"),
    )
    ledger.decide(
        "2",
        panel,
        "convex bottom left: CI at α = 1 and most noise",
        ">=",
        THRESHOLD.convex_corner,
        lambda: (panel.at(1, "most"), 1, ""),
        unless=panel.lacks_slope(1) or panel.lacks_end("most"),
    )
    if panel.letter in "ac":
        ledger.decide(
            "3a",
            panel,
            "convex top left: CI at α = 0 and most noise",
            ">=",
            THRESHOLD.noisy_relu,
            lambda: (panel.at(0, "most"), 1, ""),
            unless=panel.lacks_slope(0) or panel.lacks_end("most"),
        )


def _relu_row(ledger: Ledger, panel: Panel) -> None:
    ledger.decide(
        "3b",
        panel,
        "for α = 0, CI changes sign exactly once along the noise axis (number of changes)",
        "==",
        THRESHOLD.sign_changes,
        lambda: _sign_changes(panel.row(0)),
        unless=panel.lacks_slope(0) or panel.lacks_end("least", "most"),
    )


def _intermediate_row(ledger: Ledger, panel: Panel) -> None:
    ledger.decide(
        "6",
        panel,
        "for α = 0.4, CI changes sign inside the noise axis (number of changes)",
        ">=",
        THRESHOLD.sign_changes,
        lambda: _sign_changes(panel.row(0.4)),
        unless=panel.lacks_slope(0.4) or panel.lacks_end("least", "most"),
    )


def _sign_changes(row: np.ndarray) -> tuple[float, int, str]:
    note = "CI from most to least noise: " + ", ".join(f"{ci:+.3f}" for ci in row[::-1])
    if not np.isfinite(row).all():
        return np.nan, len(row), note
    signs = np.sign(row)[np.sign(row) != 0]
    return float((signs[1:] != signs[:-1]).sum()), len(row), note


def _ranks(ledger: Ledger, panel: Panel) -> None:
    columns = panel.convexity
    statement = "every column"
    if panel.noise == OUTLIER[0] and np.isclose(panel.columns, OUTLIER[1]).any():
        columns = columns.isel({panel.noise: ~np.isclose(panel.columns, OUTLIER[1])})
        statement = "every column except batch size 10"
    rank = noise_rank(panel.convexity[panel.noise])
    ledger.decide(
        "4",
        panel,
        "every row: Spearman(noise, CI), the weakest row",
        ">=",
        THRESHOLD.row_rank,
        lambda: _weakest(spearman(rank, panel.convexity, panel.noise)),
        unless=_too_few(len(panel.columns), "columns"),
    )
    ledger.decide(
        "5",
        panel,
        f"{statement}: Spearman(α, CI), the weakest column",
        ">=",
        THRESHOLD.column_rank,
        lambda: _weakest(spearman(columns["negative_slope"], columns, "negative_slope")),
        unless=_too_few(len(panel.slopes), "rows"),
    )


def _weakest(correlation: xr.DataArray) -> tuple[float, int, str]:
    (dim,) = correlation.dims
    values = correlation.values
    bad = ~np.isfinite(values)
    where = np.flatnonzero(bad) if bad.any() else [int(np.argmin(values))]
    labels = ", ".join(f"{float(correlation[dim].values[k]):g}" for k in where)
    note = f"{'no value' if bad.any() else 'weakest'} at {str(dim).replace('_', ' ')} {labels}"
    return (np.nan if bad.any() else float(values.min())), values.size, note


def _uniformity(ledger: Ledger, panel: Panel) -> None:
    distance = abs(panel.convexity)
    count = distance.size
    few = _too_few(count, "cells")
    ledger.decide(
        "7a",
        panel,
        "even load goes with accuracy: Spearman(|CI|, accuracy) over the cells",
        "<=",
        THRESHOLD.uniformity_rank[panel.profile],
        lambda: (
            float(spearman(distance, panel.accuracy, panel.cells)),
            count,
            f"{panel.profile} grid",
        ),
        unless=few,
    )

    def best() -> tuple[float, int, str]:
        if not np.isfinite(panel.accuracy.values).all():
            return np.nan, count, "the best cell is unknown"
        column, row = np.unravel_index(np.argmax(panel.accuracy.values), panel.accuracy.shape)
        value = float(distance.values[column, row])
        where = f"{panel.noise} {panel.columns[column]:g}, α {panel.slopes[row]:g}"
        return value, count, f"{where}: {panel.accuracy.values[column, row]:.1f} %"

    ledger.decide(
        "7b",
        panel,
        "the most accurate cell carries its load evenly: its |CI|",
        "<=",
        THRESHOLD.best_cell,
        best,
        unless=few,
    )


def _monotone(ledger: Ledger, panel: Panel) -> None:
    if panel.letter not in "ac":
        return

    def largest_step() -> tuple[float, int, str]:
        curves = load_curves.range_normalised(panel.curves)
        steps = -load_curves.loads(curves)
        worst = steps.max("layer", skipna=False).values
        n = worst.size
        if not np.isfinite(worst).all():
            return np.nan, n, f"{int((~np.isfinite(worst)).sum())} of {n} cells have no curve"
        column, row = np.unravel_index(np.argmax(worst), worst.shape)
        where = f"{panel.noise} {panel.columns[column]:g}, α {panel.slopes[row]:g}"
        rising = int((worst >= 0).sum())
        return float(worst.max()), n, f"{rising} of {n} curves rise; largest step at {where}"

    ledger.decide(
        "8",
        panel,
        "every load curve decreases from layer to layer: largest D_l − D_(l−1), range-normalised",
        "<",
        THRESHOLD.monotone,
        largest_step,
    )


def _universality(ledger: Ledger, panels: list[Panel]) -> None:
    for one, two in combinations(panels, 2):
        reduced = [panel.letter for panel in (one, two) if panel.profile == "reduced"]

        def agreement(one: Panel = one, two: Panel = two) -> tuple[float, int, str]:
            tables = [_published_cells(panel) for panel in (one, two)]
            value = float(spearman(*tables, ("rank", "negative_slope")))
            return value, tables[0].size, ""

        ledger.decide(
            "9",
            f"{one.letter} and {two.letter}",
            "the source of noise does not matter: Spearman of the CI tables, columns by rank",
            ">=",
            THRESHOLD.universality,
            agreement,
            unless=f"made on the full grid only; reduced: {', '.join(reduced)}"
            if reduced
            else None,
        )


def _published_cells(panel: Panel) -> xr.DataArray:
    """The CI table on the published rows and columns, columns numbered by rank."""
    columns = np.isin(
        np.arange(len(panel.columns)), _indices(panel.columns, PUBLISHED_COLUMNS[panel.noise])
    )
    slopes = _indices(panel.slopes, PUBLISHED_SLOPES)
    values = panel.convexity.values[columns][:, sorted(slopes)]
    return xr.DataArray(values, dims=("rank", "negative_slope"))


def _indices(values: np.ndarray, wanted: tuple[float, ...]) -> list[int]:
    close = np.isclose(np.asarray(values, float)[:, None], np.asarray(wanted, float), atol=1e-9)
    return [int(i) for i in np.flatnonzero(close.any(axis=1))]


def _holds_all(values: np.ndarray, wanted: tuple[float, ...]) -> bool:
    return len(_indices(values, wanted)) == len(wanted)


def _too_few(count: int, what: str) -> str | None:
    return f"{count} {what}: a rank correlation needs at least 3" if count < 3 else None
