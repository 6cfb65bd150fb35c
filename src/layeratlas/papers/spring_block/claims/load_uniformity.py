"""Claim 7 of the phase diagram: networks that share the load evenly generalise best.

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353. A reduced grid is asked for less than a full
one.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim, Found, Orders
from layeratlas.claims.ledger import Ledger
from layeratlas.claims.orders import Cells, largest, rank_correlation, rank_correlations
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.claims.panel_tables import (
    SOURCE,
    PanelTables,
    panel_tables,
    too_few,
)

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(
    uniformity_rank={"full": -0.5, "reduced": -0.4},
    best_cell=0.08,
)


def load_uniformity(cubes: Cubes, references: References) -> list[Claim]:
    """Claim 7 of the phase diagram, as the scatter plot shows it."""
    ledger = Ledger("load_uniformity", SOURCE)
    for panel in panel_tables(cubes):
        decide_uniformity(ledger, panel)
    return ledger.claims


def decide_uniformity(ledger: Ledger, panel: PanelTables) -> None:
    """Claims 7a and 7b on one panel, into `ledger`."""
    few = panel.too_small or too_few(panel.distance.size, "cells")
    runs = int(panel.runs.sum())

    def cells() -> tuple[Cells, Cells]:
        return panel.distance_cells.cells(), panel.accuracy_cells.cells()

    def rank() -> Found:
        value = rank_correlation(panel.distance.values.ravel(), panel.accuracy.values.ravel())
        return Found(value, runs, f"{panel.profile} grid", of_ranks)

    def of_ranks() -> Orders:
        uneven, accurate = cells()
        told = f"pairs left open: {_open(uneven)} of |CI|, {_open(accurate)} of accuracy"
        return Orders(rank_correlations(uneven, accurate), told)

    def best() -> Found:
        if not np.isfinite(panel.accuracy.values).all():
            return Found(np.nan, runs, "the best cell is unknown")
        column, row = np.unravel_index(np.argmax(panel.accuracy.values), panel.accuracy.shape)
        value = float(panel.distance.values[column, row])
        where = f"{panel.noise} {panel.columns[column]:g}, α {panel.slopes[row]:g}"
        note = f"{where}: {panel.accuracy.values[column, row]:.1f} %"
        return Found(value, runs, note, of_candidates)

    def of_candidates() -> Orders:
        uneven, accurate = cells()
        values = uneven.values[largest(accurate)]
        return Orders((values.min(), values.max()), f"{values.size} cells may be the best")

    ledger.decide(
        "7a",
        panel,
        "even load goes with accuracy: Spearman(|CI|, accuracy) over the cells",
        "<=",
        THRESHOLD.uniformity_rank[panel.profile],
        rank,
        unless=few,
    )
    ledger.decide(
        "7b",
        panel,
        "the most accurate cell carries its load evenly: its |CI|",
        "<=",
        THRESHOLD.best_cell,
        best,
        unless=few,
    )


def _open(cells: Cells) -> int:
    return int(np.triu(cells.open).sum())
