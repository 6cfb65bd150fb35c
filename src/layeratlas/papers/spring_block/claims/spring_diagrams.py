"""Claims on the springs' phase diagram and on networks laid beside it (4.3).

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353. CI is the convexity index of a mean curve
(`load_curves.convexity_index`), D_l the distance y − x_l of block l to the target, l = 0 … L.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import seeds
from layeratlas.cubes.size import too_small
from layeratlas.cubes.statistics import spearman
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.beside_springs import ALIKE, beside_springs, spring_table
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_settings
from layeratlas.papers.spring_block.claims.panel_tables import too_few
from layeratlas.papers.spring_block.claims.springs import EXACT, SOURCE, STRAIGHT
from layeratlas.papers.spring_block.panels import DIGITISED, PANELS
from layeratlas.papers.spring_block.published import published_panel, published_phase_diagram
from layeratlas.papers.spring_block.theory import noise_free_state, stationary_state

#: Every number that decides a claim, and nothing else; `ALIKE`, `EXACT` and `STRAIGHT` too.
THRESHOLD = SimpleNamespace(
    level=0,  # (1): convex above, concave below
    straight_corner=0.01,  # (1)
    order=0.02,  # (2) and (3)
    stationary=0.02,  # (4), noisiest column
    noise_free=1e-3,  # (4), column without noise
)


def spring_phase_diagram(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.3 (1) to (4), (5) on the published panels, and the control with even friction."""
    ledger = Ledger("spring_phase_diagram", SOURCE)
    cube = cubes["spring_phase_diagram"]
    table = spring_table(cube).values
    _corners(ledger, table, seeds(cube))
    _order(ledger, table, seeds(cube))
    _closed_forms(ledger, cube)
    _symmetric(ledger, cubes["spring_phase_diagram_symmetric"])
    published = published_phase_diagram(references[DIGITISED])
    for panel in published["panel"].values:
        axis = str(published["noise_axis"].sel(panel=panel).item())
        curves = published_panel(published, axis)["separation_normalised"]
        subject = f"published {panel} {axis.replace('_', ' ')}"
        _rank(ledger, subject, load_curves.convexity_index(curves), spring_table(cube))
    return ledger.claims


def two_phase_diagrams(cubes: Cubes, references: References) -> list[Claim]:
    """Claim 4.3 (5): the springs' diagram ranks the cells as each network diagram does."""
    ledger = Ledger("two_phase_diagrams", SOURCE)
    springs = spring_table(cubes["spring_phase_diagram"])
    for panel in PANELS:
        curves = load_curves.load_curve(cubes[panel.experiment])
        small = too_small(cubes[panel.experiment], images=1000, epochs=100)
        _rank(ledger, panel.subject, load_curves.convexity_index(curves), springs, small)
    return ledger.claims


def _corners(ledger: Ledger, table: np.ndarray, chains: int) -> None:
    level = THRESHOLD.level

    def corner(
        row: int, column: int, size: Callable[[float], float] = float
    ) -> Callable[[], tuple[float, int, str]]:
        return lambda: (size(float(table[row, column])), chains, "")

    for id, where, comparison, threshold, value in (
        ("1a", "convex top left: CI at most friction and most noise", ">", level, corner(0, 0)),
        ("1b", "concave top right: CI at most friction, no noise", "<", level, corner(0, -1)),
        ("1c", "convex bottom left: CI at no friction μ→, most noise", ">", level, corner(-1, 0)),
        ("1d", "straight bottom right: |CI| at no friction μ→, no noise", "<",
         THRESHOLD.straight_corner, corner(-1, -1, abs)),
    ):  # fmt: skip
        ledger.decide(id, "springs", where, comparison, threshold, value)


def _order(ledger: Ledger, table: np.ndarray, chains: int) -> None:
    # Columns run from the strongest noise to none, rows from the most friction to none.
    ledger.decide(
        "2",
        "springs",
        "every row: CI does not fall as noise grows (largest fall between neighbours)",
        "<=",
        THRESHOLD.order,
        lambda: (float(np.diff(table, axis=1).max()), table.size, f"{chains} chains a cell"),
    )
    ledger.decide(
        "3",
        "springs",
        "every column: CI does not rise with friction μ→ (largest rise between neighbours)",
        "<=",
        THRESHOLD.order,
        lambda: (float(-np.diff(table, axis=0).min()), table.size, f"{chains} chains a cell"),
    )


def _closed_forms(ledger: Ledger, cube: xr.DataTree) -> None:
    curves = chain_curves(cube)
    frictions = curves["friction_right"].values
    chain = chain_settings(cube)
    left, k, y = chain["friction_left"], chain["stiffness"], chain["target"]
    blocks = chain["length"]
    theory = {
        "noisy": [stationary_state(blocks, f, left, k, y) for f in frictions],
        "quiet": [noise_free_state(blocks, f, k, y) for f in frictions],
    }
    ends = {"noisy": curves.isel(noise_strength=-1), "quiet": curves.isel(noise_strength=0)}
    quiet = float(curves["noise_strength"].min()) == 0
    unless = None if quiet else "the grid has no column without noise"

    def distances(end: str) -> tuple[np.ndarray, np.ndarray]:
        """|ΔCI| and max_l |ΔD_l| of every row."""
        dims = ("friction_right", "layer")
        want = xr.DataArray(y - np.array(theory[end])[:, :-1], dims=dims)
        # Without coordinates: the closed forms have none.
        got = xr.DataArray(ends[end].transpose(*dims).values, dims=dims)
        bend = abs(load_curves.convexity_index(got) - load_curves.convexity_index(want)).values
        return bend, abs(got - want).max("layer").values

    def convexity(end: str) -> tuple[float, int, str]:
        bend, apart = distances(end)
        return float(bend.max()), len(bend), f"largest |ΔD_l| of a curve: {apart.max():.2g} y"

    ledger.decide(
        "4a",
        "springs",
        "strongest noise: CI is that of the stationary parabola, |ΔCI|, the worst row",
        "<=",
        THRESHOLD.stationary,
        lambda: convexity("noisy"),
    )
    ledger.decide(
        "4b",
        "springs",
        "no noise: CI is that of the exact final state, |ΔCI|, the worst row",
        "<=",
        THRESHOLD.noise_free,
        lambda: convexity("quiet"),
        unless=unless,
    )
    ledger.decide(
        "exact",
        "springs",
        "no noise: every D_l is that of the exact final state, largest |ΔD_l|/y (float32 cube)",
        "<=",
        EXACT,
        lambda: (float(distances("quiet")[1].max() / abs(y)), len(frictions), ""),
        unless=unless,
    )


def _symmetric(ledger: Ledger, cube: xr.DataTree) -> None:
    """Convex only if μ← > μ→: the same friction in both directions gives straight lines."""
    table = spring_table(cube).values
    note = f"{seeds(cube)} chains a cell"
    ledger.decide(
        "symmetric-straight",
        "springs, μ← = μ→",
        "control: at the strongest noise no row bends, largest |CI|",
        "<",
        STRAIGHT,
        lambda: (float(abs(table[:, 0]).max()), table.shape[0], note),
    )
    ledger.decide(
        "symmetric-never-convex",
        "springs, μ← = μ→",
        "control: no cell is convex, largest CI of the diagram",
        "<",
        STRAIGHT,
        lambda: (float(table.max()), table.size, note),
    )


def _rank(
    ledger: Ledger,
    subject: str,
    convexity: xr.DataArray,
    springs: xr.DataArray,
    small: str | None = None,
) -> None:
    both = beside_springs(convexity, springs)
    cells, most = both.sizes["cell"], springs.size
    ledger.decide(
        "5",
        subject,
        "the springs rank the cells as the network does: Spearman of CI, cells matched by their "
        "place in the published 6 × 8 layout (α = 0, 0.2, …, 1 ↔ μ→ from most to none; columns "
        "by rank of noise)",
        ">=",
        ALIKE,
        lambda: (
            float(spearman(both["convexity_index"], both["convexity_index_springs"], "cell")),
            cells,
            f"{cells} of {most} cells",
        ),
        unless=small or too_few(cells, "cells"),
    )
