"""Claims on the hierarchy over noise and nonlinearity, in networks that the theory does not cover.

Beyond both papers; what is asked of them was chosen here.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.size import too_small
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.noise_grid import EXPERIMENT, NOISE, Diagram, diagram
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(aligned=5.0, interior=0.5, order=0.0, hidden=2.0)
#: Fewest slopes of which an order is told.
_FEWEST = 3


def alignment_phase_diagram(cubes: Cubes, references: References) -> list[Claim]:
    """Where the hierarchy stands over the diagram, and whether it follows the crossing."""
    ledger = Ledger(
        "alignment_phase_diagram",
        f"after {PUBLISHED} and arXiv 2407.19353: an extension; thresholds chosen here",
    )
    found = diagram(cubes[EXPERIMENT])
    above = found.above_null
    small = too_small(cubes[EXPERIMENT], images=1000, epochs=100)
    ledger.decide(
        "aligned",
        "every cell",
        "smallest over cells of max A_l over its mean under permuted labels",
        ">=",
        THRESHOLD.aligned,
        lambda: (
            float(np.nanmin(above)),
            int(found.grid("seeds").sum()),
            f"{np.isfinite(above).sum()} cells",
        ),
        unless=small or (None if np.isfinite(above).any() else "no run was left"),
    )
    ledger.decide(
        "present",
        "every cell",
        "share of cells where ascent-descent is present by the rule of specification §2.5",
        ">=",
        THRESHOLD.interior,
        partial(_present, found),
        unless=small or _seeds(found),
    )
    slopes = int(np.isfinite(found.crossing).sum())
    few = (
        None if slopes >= _FEWEST else f"{slopes} slopes have a crossing; an order needs {_FEWEST}"
    )
    for name in ("peak", "centroid"):
        ledger.decide(
            f"{name}_with_slope",
            "every dropout rate",
            f"{name} and the leaky-ReLU crossing l* go together over negative slopes: median over "
            "dropout rates of Spearman's correlation",
            ">",
            THRESHOLD.order,
            partial(_order, found, name),
            unless=small or few,
        )
        ledger.decide(
            f"{name}_near",
            "ReLU, least noise",
            f"|{name} − l*| in layers, where the networks are nearest to the theory's",
            "<=",
            THRESHOLD.hidden,
            partial(_near, found, name),
            unless=small or (None if np.isfinite(_least(found, name)) else "no run was left"),
        )
    return ledger.claims


def _seeds(found: Diagram) -> str | None:
    presences = {shape.presence for shape in found.shapes.values()}
    return "fewer than three seeds decide nothing" if presences == {"undecided"} else None


def _present(found: Diagram) -> tuple[float, int, str]:
    cells = {at: shape.presence == "present" for at, shape in found.shapes.items()}
    without = [f"slope {a:g}, {NOISE} {p:g}" for (a, p), there in cells.items() if not there]
    told = f"{len(cells)} cells: " + (f"not in {'; '.join(without)}" if without else "in all")
    return float(np.mean(list(cells.values()))), int(found.grid("seeds").sum()), told


def _order(found: Diagram, name: str) -> tuple[float, int, str]:
    from scipy import stats

    values, seeds = found.grid(name), found.grid("seeds")
    ranks, runs = [], 0
    for k in range(values.shape[1]):
        known = np.isfinite(values[:, k]) & np.isfinite(found.crossing)
        if known.sum() < _FEWEST:
            continue
        runs += int(seeds[known, k].sum())
        flat = np.ptp(values[known, k]) == 0
        ranks.append(
            0.0 if flat else stats.spearmanr(values[known, k], found.crossing[known]).statistic
        )
    told = ", ".join(f"{rank:.2f}" for rank in ranks)
    return float(np.median(ranks)) if ranks else np.nan, runs, f"by dropout rate: {told}"


def _least(found: Diagram, name: str) -> float:
    return float(found.grid(name)[0, -1])


def _near(found: Diagram, name: str) -> tuple[float, int, str]:
    value, theory = _least(found, name), float(found.crossing[0])
    note = f"{name} {value:.2f}, l* {theory:.2f}, L = {found.layers}"
    return abs(value - theory), int(found.grid("seeds")[0, -1]), note
