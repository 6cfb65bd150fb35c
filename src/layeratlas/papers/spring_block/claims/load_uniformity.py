"""Claim 7 of the phase diagram: networks that share the load evenly generalise best.

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353. A reduced grid is asked for less than a full
one.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.statistics import spearman
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
    distance = abs(panel.convexity)
    count = distance.size
    few = too_few(count, "cells")
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
