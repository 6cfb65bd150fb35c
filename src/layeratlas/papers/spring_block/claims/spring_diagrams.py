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
from layeratlas.papers.spring_block.beside_springs import (
    ALIKE,
    beside_springs,
    spring_runs,
    spring_table,
)
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_runs, chain_settings
from layeratlas.papers.spring_block.claims.panel_tables import too_few
from layeratlas.papers.spring_block.claims.springs import (
    ALIKE_WITHOUT_NOISE,
    EXACT,
    SOURCE,
    STRAIGHT,
)
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
    table, runs = spring_table(cube), spring_runs(cube)
    _corners(ledger, table.values, runs.values)
    _order(ledger, table.values, runs.values, seeds(cube))
    _closed_forms(ledger, cube)
    _symmetric(ledger, cubes["spring_phase_diagram_symmetric"])
    published = published_phase_diagram(references[DIGITISED])
    for panel in published["panel"].values:
        axis = str(published["noise_axis"].sel(panel=panel).item())
        curves = published_panel(published, axis)["separation_normalised"]
        subject = f"published {panel} {axis.replace('_', ' ')}"
        convexity = load_curves.convexity_index(curves)
        # What was published are no runs of ours.
        none = xr.zeros_like(convexity, dtype=int)
        _rank(ledger, subject, (convexity, none), (table, runs))
    return ledger.claims


def two_phase_diagrams(cubes: Cubes, references: References) -> list[Claim]:
    """Claim 4.3 (5): the springs' diagram ranks the cells as each network diagram does."""
    ledger = Ledger("two_phase_diagrams", SOURCE)
    of_springs = cubes["spring_phase_diagram"]
    springs = spring_table(of_springs), spring_runs(of_springs)
    for panel in PANELS:
        cube = cubes[panel.experiment]
        convexity = load_curves.convexity_index(load_curves.load_curve(cube))
        small = too_small(cube, images=1000, epochs=100)
        _rank(ledger, panel.subject, (convexity, load_curves.runs_behind(cube)), springs, small)
    return ledger.claims


def _corners(ledger: Ledger, table: np.ndarray, runs: np.ndarray) -> None:
    level = THRESHOLD.level

    def corner(
        row: int, column: int, size: Callable[[float], float] = float
    ) -> Callable[[], tuple[float, int, str]]:
        return lambda: (size(float(table[row, column])), int(runs[row, column]), "")

    for id, where, comparison, threshold, value in (
        ("1a", "convex top left: CI at most friction and most noise", ">", level, corner(0, 0)),
        ("1b", "concave top right: CI at most friction, no noise", "<", level, corner(0, -1)),
        ("1c", "convex bottom left: CI at no friction μ→, most noise", ">", level, corner(-1, 0)),
        ("1d", "straight bottom right: |CI| at no friction μ→, no noise", "<",
         THRESHOLD.straight_corner, corner(-1, -1, abs)),
    ):  # fmt: skip
        ledger.decide(id, "springs", where, comparison, threshold, value)


def _order(ledger: Ledger, table: np.ndarray, runs: np.ndarray, chains: int) -> None:
    # Columns run from the strongest noise to none, rows from the most friction to none.
    ledger.decide(
        "2",
        "springs",
        "every row: CI does not fall as noise grows (largest fall between neighbours)",
        "<=",
        THRESHOLD.order,
        lambda: (float(np.diff(table, axis=1).max()), int(runs.sum()), f"{chains} chains a cell"),
    )
    ledger.decide(
        "3",
        "springs",
        "every column: CI does not rise with friction μ→ (largest rise between neighbours)",
        "<=",
        THRESHOLD.order,
        lambda: (float(-np.diff(table, axis=0).min()), int(runs.sum()), f"{chains} chains a cell"),
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
    counts = chain_runs(cube)
    runs = {
        end: int(counts.isel(noise_strength=column).sum())
        for end, column in (("noisy", -1), ("quiet", 0))
    }
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
        note = f"{len(bend)} rows; largest |ΔD_l| of a curve: {apart.max():.2g} y"
        return float(bend.max()), runs[end], note

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
        lambda: (
            float(distances("quiet")[1].max() / abs(y)),
            runs["quiet"],
            f"{len(frictions)} rows; {ALIKE_WITHOUT_NOISE}",
        ),
        unless=unless,
    )


def _symmetric(ledger: Ledger, cube: xr.DataTree) -> None:
    """Convex only if μ← > μ→: the same friction in both directions gives straight lines."""
    table, runs = spring_table(cube).values, spring_runs(cube).values
    note = f"{seeds(cube)} chains a cell"
    ledger.decide(
        "symmetric-straight",
        "springs, μ← = μ→",
        "control: at the strongest noise no row bends, largest |CI|",
        "<",
        STRAIGHT,
        lambda: (float(abs(table[:, 0]).max()), int(runs[:, 0].sum()), note),
    )
    ledger.decide(
        "symmetric-never-convex",
        "springs, μ← = μ→",
        "control: no cell is convex, largest CI of the diagram",
        "<",
        STRAIGHT,
        lambda: (float(table.max()), int(runs.sum()), note),
    )


def _rank(
    ledger: Ledger,
    subject: str,
    network: tuple[xr.DataArray, xr.DataArray],
    springs: tuple[xr.DataArray, xr.DataArray],
    small: str | None = None,
) -> None:
    """`network` and `springs`: a table of CI each, and of the runs behind it."""
    both, runs = (beside_springs(*tables) for tables in zip(network, springs, strict=True))
    behind = sum(int(count.sum()) for count in runs.data_vars.values())
    cells, most = both.sizes["cell"], springs[0].size
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
            behind,
            f"{cells} of {most} cells",
        ),
        unless=small or too_few(cells, "cells"),
    )
