"""Distance of a reproduced phase diagram to the published one, digitised (arXiv 2407.19353)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.claims.panel_tables import SOURCE, PanelTables, panel_tables
from layeratlas.papers.spring_block.panels import DIGITISED
from layeratlas.papers.spring_block.published import compare_with_published, published_phase_diagram

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(convexity=0.03, accuracy=1.0)


def phase_diagram_fidelity(cubes: Cubes, references: References) -> list[Claim]:
    """Distance to the published values of panels a and c, cell by cell."""
    ledger = Ledger("phase_diagram_fidelity", f"{SOURCE}, digitised values")
    published = published_phase_diagram(references[DIGITISED])
    shown = published["test_accuracy_percent"].isel(panel=0).size
    quantities = (
        ("convexity_index", "convexity", "mean |ΔCI|", THRESHOLD.convexity),
        ("test_accuracy_percent", "accuracy", "mean |Δ accuracy| in points", THRESHOLD.accuracy),
    )
    for panel in panel_tables(cubes):
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

            def distance(
                ours: np.ndarray = ours, theirs: np.ndarray = theirs, panel: PanelTables = panel
            ) -> tuple[float, int, str]:
                note = f"{len(ours)} of {shown} published cells"
                runs = int(panel.runs.isel(panel.published_at).sum())
                return float(np.abs(ours - theirs).mean()), runs, note

            ledger.decide(
                f"fidelity-{id}",
                panel,
                f"{statement}, over the cells that coincide with a published one",
                "<=",
                threshold,
                distance,
                unless=panel.too_small
                or (None if table else "no cell of the grid coincides with a published cell"),
                table=table,
            )
    return ledger.claims
