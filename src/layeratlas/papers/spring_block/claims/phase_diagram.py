"""Claims on the phase diagram of *Spring-block theory of feature learning*.

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353. The paper makes its statements by a figure;
the thresholds below were set on the digitised published values. CI is the convexity index of the
seed-mean load curve (`load_curves.convexity_index`), α the negative slope. Claim 7 is that of
`load_uniformity`; claim 9 is not made on a reduced grid.
"""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np

from layeratlas.claims.claim import Claim, Found, Orders
from layeratlas.claims.ledger import Ledger
from layeratlas.claims.orders import (
    Cells,
    rank_correlation,
    rank_correlations,
    sign_changes,
    standard_error,
    steps,
)
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.claims.load_uniformity import decide_uniformity
from layeratlas.papers.spring_block.claims.panel_tables import (
    SOURCE,
    PanelTables,
    panel_tables,
    too_few,
)

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

_SLOPE = "negative_slope"


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

        def agreeing(panel: PanelTables = panel, other: PanelTables = other) -> Found:
            runs = sum(panel.runs_of(0, end) for end in ("least", "most"))
            ours = [panel.at(0, end) for end in ("least", "most")]
            theirs = [other.at(0, end) for end in ("least", "most")]
            note = "trace ratio {:.3f}, {:.3f}; pseudo-inverse {:.3f}, {:.3f}".format(
                *ours, *theirs
            )
            if not np.isfinite(ours + theirs).all():
                return Found(np.nan, runs, note)
            alike = np.sign(ours) == np.sign(theirs)
            return Found(float(alike.sum()), runs, note, lambda: of_signs(alike, panel, other))

        def of_signs(alike: np.ndarray, panel: PanelTables, other: PanelTables) -> Orders:
            is_open = np.zeros(2, dtype=bool)
            for table in (panel, other):
                is_open |= table.row_cells(0).open_signs[[0, -1]]
            told = f"CI of {is_open.sum()} of 2 ends has an open sign"
            return Orders((alike[~is_open].sum(), (alike | is_open).sum()), told)

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
        lambda: (panel.at(0, "least"), panel.runs_of(0, "least"), ""),
        unless=panel.lacks_slope(0) or panel.lacks_end("least"),
    )
    ledger.decide(
        "2",
        panel,
        "convex bottom left: CI at α = 1 and most noise",
        ">=",
        THRESHOLD.convex_corner,
        lambda: (panel.at(1, "most"), panel.runs_of(1, "most"), ""),
        unless=panel.lacks_slope(1) or panel.lacks_end("most"),
    )
    if panel.letter in "ac":
        ledger.decide(
            "3a",
            panel,
            "convex top left: CI at α = 0 and most noise",
            ">=",
            THRESHOLD.noisy_relu,
            lambda: (panel.at(0, "most"), panel.runs_of(0, "most"), ""),
            unless=panel.lacks_slope(0) or panel.lacks_end("most"),
        )


def _relu_row(ledger: Ledger, panel: PanelTables) -> None:
    ledger.decide(
        "3b",
        panel,
        "for α = 0, CI changes sign exactly once along the noise axis (number of changes)",
        "==",
        THRESHOLD.sign_changes,
        lambda: _sign_changes(panel, 0),
        unless=panel.lacks_slope(0) or panel.lacks_end("least", "most"),
    )


def _intermediate_row(ledger: Ledger, panel: PanelTables) -> None:
    ledger.decide(
        "6",
        panel,
        "for α = 0.4, CI changes sign inside the noise axis (number of changes)",
        ">=",
        THRESHOLD.sign_changes,
        lambda: _sign_changes(panel, 0.4),
        unless=panel.lacks_slope(0.4) or panel.lacks_end("least", "most"),
    )


def _sign_changes(panel: PanelTables, slope: float) -> Found:
    row, n = panel.row(slope), panel.runs_of(slope)
    note = "CI from most to least noise: " + ", ".join(f"{ci:+.3f}" for ci in row[::-1])
    if not np.isfinite(row).all():
        return Found(np.nan, n, note)
    signs = np.sign(row)[row != 0]
    value = float((signs[1:] != signs[:-1]).sum())

    def orders() -> Orders:
        cells = panel.row_cells(slope)
        return Orders(sign_changes(cells), f"sign open of {cells.signs_told()}")

    return Found(value, n, note, orders)


def _ranks(ledger: Ledger, panel: PanelTables) -> None:
    kept = np.arange(len(panel.columns))
    statement = "every column"
    if panel.noise == OUTLIER[0] and np.isclose(panel.columns, OUTLIER[1]).any():
        kept = np.flatnonzero(~np.isclose(panel.columns, OUTLIER[1]))
        statement = "every column except batch size 10"
    ledger.decide(
        "4",
        panel,
        "every row: Spearman(noise, CI), the weakest row",
        ">=",
        THRESHOLD.row_rank,
        lambda: _weakest(panel, panel.noise, np.arange(len(panel.columns))),
        unless=panel.too_small or too_few(len(panel.columns), "columns"),
    )
    ledger.decide(
        "5",
        panel,
        f"{statement}: Spearman(α, CI), the weakest column",
        ">=",
        THRESHOLD.column_rank,
        lambda: _weakest(panel, _SLOPE, kept),
        unless=panel.too_small or too_few(len(panel.slopes), "rows"),
    )


def _weakest(panel: PanelTables, along: str, columns: np.ndarray) -> Found:
    """The weakest rank correlation with an axis of those along it, in these columns."""
    # Only these columns: what is asked for is what a claim is said to read.
    table, runs = (np.asarray(one.data[columns]) for one in (panel.convexity, panel.runs))
    n = int(runs.sum())
    at: list[dict[str, Any]]
    if along == panel.noise:
        axis, lines, dim, labels = panel.noise_ranks[columns], table.T, _SLOPE, panel.slopes
        at = [{along: columns, dim: k} for k in range(len(labels))]
    else:
        axis, lines, dim, labels = panel.slopes, table, panel.noise, panel.columns[columns]
        at = [{dim: k} for k in columns.tolist()]
    values = np.array([rank_correlation(axis, line) for line in lines])
    bad = ~np.isfinite(values)
    where = np.flatnonzero(bad) if bad.any() else [int(np.argmin(values))]
    name = dim.replace("_", " ")
    told_where = ", ".join(f"{float(labels[k]):g}" for k in where)
    note = f"{'no value' if bad.any() else 'weakest'} at {name} {told_where}"
    if bad.any():
        return Found(np.nan, n, note)

    def orders() -> Orders:
        cells = [panel.convexity_cells.cells(**places) for places in at]
        ends = np.array([rank_correlations(axis, line) for line in cells])
        worst = int(ends[:, 0].argmin())
        told = f"at {name} {float(labels[worst]):g} open: "
        return Orders(ends.min(0), told + cells[worst].pairs_told())

    return Found(float(values.min()), n, note, orders)


def _monotone(ledger: Ledger, panel: PanelTables) -> None:
    if panel.letter not in "ac":
        return

    def largest_step() -> Found:
        values = panel.rises.values
        worst = values.max(-1)
        runs = int(panel.runs.sum())
        if not np.isfinite(worst).all():
            lost = int((~np.isfinite(worst)).sum())
            return Found(np.nan, runs, f"{lost} of {worst.size} cells have no curve")
        column, row = np.unravel_index(np.argmax(worst), worst.shape)
        where = f"{panel.noise} {panel.columns[column]:g}, α {panel.slopes[row]:g}"
        rising = int((worst >= 0).sum())
        note = f"{rising} of {worst.size} curves rise; largest step at {where}"
        return Found(float(worst.max()), runs, note, lambda: of_steps(values))

    def of_steps(values: np.ndarray) -> Orders:
        least, most = steps(values, standard_error(panel.rises_by_seed.values))
        told = f"{int((least != most).sum())} of {values.size} steps may be up or down"
        return Orders((least.max(), most.max()), told)

    ledger.decide(
        "8",
        panel,
        "every load curve decreases from layer to layer: largest D_l − D_(l−1), range-normalised",
        "<",
        THRESHOLD.monotone,
        largest_step,
        unless=panel.too_small,
    )


def _universality(ledger: Ledger, panels: list[PanelTables]) -> None:
    for one, two in combinations(panels, 2):
        small = one.too_small or two.too_small
        reduced = [panel.letter for panel in (one, two) if panel.profile == "reduced"]

        def agreement(one: PanelTables = one, two: PanelTables = two) -> Found:
            tables = [panel.convexity.isel(panel.published_at) for panel in (one, two)]
            runs = sum(int(panel.runs.isel(panel.published_at).sum()) for panel in (one, two))
            value = rank_correlation(*(table.values.ravel() for table in tables))
            return Found(value, runs, f"{tables[0].size} cells", lambda: of_ranks(one, two))

        def of_ranks(one: PanelTables, two: PanelTables) -> Orders:
            return Orders(rank_correlations(_published_cells(one), _published_cells(two)))

        ledger.decide(
            "9",
            f"{one.letter} and {two.letter}",
            "the source of noise does not matter: Spearman of the CI tables, columns by rank",
            ">=",
            THRESHOLD.universality,
            agreement,
            unless=small
            or (f"made on the full grid only; reduced: {', '.join(reduced)}" if reduced else None),
        )


def _published_cells(panel: PanelTables) -> Cells:
    """The CI table on the published rows and columns, column by column in order of noise."""
    return panel.convexity_cells.cells(**panel.published_at)
