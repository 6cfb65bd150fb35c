"""Claims on trajectories of networks and of chains in four regimes (4.4).

C. Shi, L. Pan and I. Dokmanić, arXiv 2407.19353. Networks are measured under batch statistics,
which leave D_0 constant; curves are means over seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_runs
from layeratlas.papers.spring_block.claims.springs import SOURCE
from layeratlas.papers.spring_block.regimes import BATCH_NORM_MODE, REGIMES, at_cell, lacking

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(
    early=0.0,
    lazy=-0.05,  # regime a at the end
    active=0.05,  # regimes b and d at the end
    corner_c=0.15,
    crossings=1,
    input_drift=0.06,  # networks
    wall_drift=0.0,  # springs
)
#: Moments called early: epochs 1 and 2; the first 200 steps.
EARLY = {"epoch": 2, "step": 200}

Value = Callable[[], tuple[float, int, str]]


def trajectories(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.4, for each regime a to d; 1 is the network, 2 the chain."""
    ledger = Ledger("trajectories", SOURCE)
    networks, springs = cubes["network_trajectories"], cubes["spring_trajectories"]
    network = load_curves.load_curve(
        networks, batch_norm_mode=BATCH_NORM_MODE, keep_epochs=True
    ).compute()
    network_runs = load_curves.runs_behind(networks, batch_norm_mode=BATCH_NORM_MODE).compute()
    chain, chains = chain_curves(springs, keep_epochs=True), chain_runs(springs)
    for regime in REGIMES:
        for subject, curves, runs, cell, moment in (
            (f"{regime.letter}1 network", network, network_runs, regime.network, "epoch"),
            (f"{regime.letter}2 springs", chain, chains, regime.chain, "step"),
        ):
            missing = lacking(curves, cell)
            unless = f"the grid has no {' or '.join(missing)}" if missing else None
            curve = curves if missing else at_cell(curves, cell)
            behind = 0 if missing else int(at_cell(runs, cell))
            _trajectory(ledger, regime.letter, subject, curve, behind, moment, unless)
    return ledger.claims


def _trajectory(
    ledger: Ledger,
    letter: str,
    subject: str,
    curve: xr.DataArray,
    runs: int,
    moment: str,
    unless: str | None,
) -> None:
    """The claims on one curve D_l(t), the mean of so many runs.

    None of its values is read where `unless` says why not.
    """

    def convexity() -> xr.DataArray:
        """CI(t); at t = 0 the chain carries no load and has none."""
        ci = load_curves.convexity_index(curve)
        return ci.isel({moment: ci[moment].values > 0})

    def early() -> tuple[float, int, str]:
        ci = convexity()
        first = ci.values[ci[moment].values <= EARLY[moment]]
        return float(first.max()) if first.size else np.nan, runs, f"{first.size} records"

    def last() -> tuple[float, int, str]:
        ci = convexity()
        return float(ci.values[-1]), runs, f"{moment} {int(ci[moment].values[-1])}"

    def distance() -> tuple[float, int, str]:
        value, n, note = last()
        return abs(value), n, f"{note}: CI {value:+.3f}"

    def crossings() -> tuple[float, int, str]:
        """Upward less downward changes of sign: 1 exactly where CI begins < 0 and ends > 0."""
        ci = convexity()
        if not np.isfinite(ci.values).all():
            return np.nan, runs, ""
        kept = ci.values != 0
        signs, when = np.sign(ci.values[kept]), ci[moment].values[kept]
        up, down = ((np.diff(signs) == change).sum() for change in (2, -2))
        turns = when[1:][np.diff(signs) == 2]
        where = ", ".join(str(int(turn)) for turn in turns[:3]) or "never"
        return float(up - down), runs, f"upward at {moment} {where}; back {int(down)} times"

    def drift() -> tuple[float, int, str]:
        D = curve.isel(layer=0).values
        value = float(np.ptp(D)) if np.isfinite(D).all() else np.nan
        return value, runs, f"{D.size} records; D_0 = {D[0]:.3f} at the start"

    def decide(id: str, statement: str, comparison: str, threshold: float, value: Value) -> None:
        ledger.decide(id, subject, statement, comparison, threshold, value, unless=unless)

    begun = "epochs 1 and 2" if moment == "epoch" else f"the first {EARLY['step']} steps"
    decide("early", f"deep layers move first: largest CI of {begun}", "<", THRESHOLD.early, early)
    if letter == "a":
        decide("final", "lazy: CI at the end", "<", THRESHOLD.lazy, last)
    elif letter == "c":
        decide("final", "|CI| at the end", "<=", THRESHOLD.corner_c, distance)
    else:
        decide("final", "active: CI at the end", ">", THRESHOLD.active, last)
        decide(
            "crossing",
            "CI(t) crosses zero from below (net crossings)",
            "==",
            THRESHOLD.crossings,
            crossings,
        )
    # Springs: the wall does not move at all.
    exactly = moment == "step"
    decide(
        "input",
        "D_0 is constant: its range over time",
        "==" if exactly else "<=",
        THRESHOLD.wall_drift if exactly else THRESHOLD.input_drift,
        drift,
    )
