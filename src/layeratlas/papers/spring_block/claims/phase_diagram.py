"""Claims on the phase diagram of *Spring-block theory of feature learning*.

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353. The paper makes its statements by a figure;
the thresholds below were set on the digitised published values. CI is the convexity index of the
seed-mean load curve (`load_curves.convexity_index`), α the negative slope. Claim 7 is that of
`load_uniformity`; claim 9 is not made on a reduced grid.
"""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.statistics import spearman
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.claims.load_uniformity import decide_uniformity
from layeratlas.papers.spring_block.claims.panel_tables import (
    SOURCE,
    PanelTables,
    panel_tables,
    too_few,
)
from layeratlas.papers.spring_block.noise import noise_rank

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(
    concave_corner=-0.10,  # claim 1
    convex_corner=0.15,  # claim 2
    noisy_relu=0.05,  # claim 3, panels a and c
    sign_changes=1,  # claims 3 and 6
    row_rank=0.6,  # claim 4
    column_rank=0.8,  # claim 5
    monotone=0.0,  # claim 8
    universality=0.8,  # claim 9
    he_su_ends=2,  # pseudo-inverse measure
)

#: A strongly non-monotone outlier in the published figure; claim 5 leaves this column out.
OUTLIER = ("batch_size", 10)


def phase_diagram(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 1 to 9 of the phase diagram."""
    ledger = Ledger("phase_diagram", SOURCE)
    panels = panel_tables(cubes)
    for panel in panels:
        _corners(ledger, panel)
        _relu_row(ledger, panel)
        _ranks(ledger, panel)
        _intermediate_row(ledger, panel)
        decide_uniformity(ledger, panel)
        _monotone(ledger, panel)
    _universality(ledger, panels)
    return ledger.claims


def phase_diagram_he_su(cubes: Cubes, references: References) -> list[Claim]:
    """The pseudo-inverse measure agrees in sign at the ends of the ReLU row, panels a and c."""
    ledger = Ledger("phase_diagram_he_su", SOURCE)
    he_su = panel_tables(cubes, "data_separation_pseudoinverse")
    for panel, other in zip(panel_tables(cubes), he_su, strict=True):
        if panel.letter not in "ac":
            continue

        def agreeing(
            panel: PanelTables = panel, other: PanelTables = other
        ) -> tuple[float, int, str]:
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


def _corners(ledger: Ledger, panel: PanelTables) -> None:
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


def _relu_row(ledger: Ledger, panel: PanelTables) -> None:
    ledger.decide(
        "3b",
        panel,
        "for α = 0, CI changes sign exactly once along the noise axis (number of changes)",
        "==",
        THRESHOLD.sign_changes,
        lambda: _sign_changes(panel.row(0)),
        unless=panel.lacks_slope(0) or panel.lacks_end("least", "most"),
    )


def _intermediate_row(ledger: Ledger, panel: PanelTables) -> None:
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


def _ranks(ledger: Ledger, panel: PanelTables) -> None:
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
        unless=too_few(len(panel.columns), "columns"),
    )
    ledger.decide(
        "5",
        panel,
        f"{statement}: Spearman(α, CI), the weakest column",
        ">=",
        THRESHOLD.column_rank,
        lambda: _weakest(spearman(columns["negative_slope"], columns, "negative_slope")),
        unless=too_few(len(panel.slopes), "rows"),
    )


def _weakest(correlation: xr.DataArray) -> tuple[float, int, str]:
    (dim,) = correlation.dims
    values = correlation.values
    bad = ~np.isfinite(values)
    where = np.flatnonzero(bad) if bad.any() else [int(np.argmin(values))]
    labels = ", ".join(f"{float(correlation[dim].values[k]):g}" for k in where)
    note = f"{'no value' if bad.any() else 'weakest'} at {str(dim).replace('_', ' ')} {labels}"
    return (np.nan if bad.any() else float(values.min())), values.size, note


def _monotone(ledger: Ledger, panel: PanelTables) -> None:
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


def _universality(ledger: Ledger, panels: list[PanelTables]) -> None:
    for one, two in combinations(panels, 2):
        reduced = [panel.letter for panel in (one, two) if panel.profile == "reduced"]

        def agreement(one: PanelTables = one, two: PanelTables = two) -> tuple[float, int, str]:
            ours, theirs = _published_cells(one), _published_cells(two)
            value = float(spearman(ours, theirs, ("rank", "negative_slope")))
            return value, ours.size, ""

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


def _published_cells(panel: PanelTables) -> xr.DataArray:
    """The CI table on the published rows and columns, columns numbered by rank."""
    rows, columns = panel.published_cells()
    values = panel.convexity.values[np.ix_(columns, rows)]
    return xr.DataArray(values, dims=("rank", "negative_slope"))
