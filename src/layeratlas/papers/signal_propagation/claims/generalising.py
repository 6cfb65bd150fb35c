"""Claims on the height of the hierarchy over learning rates and batch sizes.

Thresholds are those of the project's specification of the paper (§5, F7). Runs that did not come to
the mark count nowhere; no sign is asserted of the test loss.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.generalising import (
    TASKS,
    cells,
    points,
    rank_correlation,
    share_of_shuffles,
)
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim. `shuffles` is chosen here, as the p of specification §2.5.
THRESHOLD = SimpleNamespace(sign=0.0, most=0.5, batch=0.0, middle=0.0, shuffles=0.05)


def lr_batch_generalisation(cubes: Cubes, references: References) -> list[Claim]:
    """Higher alignment goes with lower test error; batch size and learning rate move both."""
    ledger = Ledger(
        "lr_batch_generalisation", f"{PUBLISHED}, abstract; thresholds: specification §5"
    )
    tasks = {name: cells(cubes[name]) for name in TASKS if name in cubes}
    _most(ledger, tasks)
    for name, found in tasks.items():
        _shuffles(ledger, TASKS[name], found)
        _batch(ledger, TASKS[name], found)
        _middle(ledger, TASKS[name], found)
    return ledger.claims


def _most(ledger: Ledger, tasks: dict[str, xr.Dataset]) -> None:
    correlations = {TASKS[name]: rank_correlation(found) for name, found in tasks.items()}
    known = {name: rho for name, rho in correlations.items() if np.isfinite(rho)}
    told = ", ".join(f"{name} {rho:+.2f}" for name, rho in known.items())
    without = [name for name in correlations if name not in known]
    ledger.decide(
        "sign",
        "tasks at running loss 0.1",
        "Spearman of max A_l and test error over cells is negative: share of tasks",
        ">",
        THRESHOLD.most,
        lambda: (
            float(np.mean([rho < THRESHOLD.sign for rho in known.values()])),
            sum(int(points(tasks[name])["runs"].sum()) for name in tasks if TASKS[name] in known),
            f"Spearman: {told}" + (f"; too few cells: {', '.join(without)}" if without else ""),
        ),
        unless=None if known else "fewer than 3 cells came to running loss 0.1",
    )


def _shuffles(ledger: Ledger, task: str, found: xr.Dataset) -> None:
    there = points(found)
    n, runs = there.sizes["cell"], int(there["runs"].sum())
    ledger.decide(
        "beats_shuffles",
        task,
        "control: share of orders of the test errors that give a Spearman at most the observed one",
        "<=",
        THRESHOLD.shuffles,
        lambda: (share_of_shuffles(found), runs, f"{n} cells"),
        unless=None if n >= 4 else f"{n} cells came to running loss 0.1: no share can be small",
    )


def _batch(ledger: Ledger, task: str, found: xr.Dataset) -> None:
    """From the smallest to the largest batch that came to the mark, at each learning rate."""
    changes, runs = {}, 0
    for rate in found["learning_rate"].values:
        row = found[["height", "runs"]].sel(learning_rate=rate).dropna("batch_size")
        if row.sizes["batch_size"] > 1:
            ends = row.isel(batch_size=[0, -1])
            changes[float(rate)] = float(ends["height"][1] - ends["height"][0])
            runs += int(ends["runs"].sum())
    ledger.decide(
        "batch",
        task,
        "at fixed learning rate max A_l does not increase from the smallest to the largest batch: "
        "largest change",
        "<=",
        THRESHOLD.batch,
        lambda: (max(changes.values()), runs, _told("learning rate", changes)),
        unless=None if changes else "no learning rate with two batch sizes at running loss 0.1",
    )


def _middle(ledger: Ledger, task: str, found: xr.Dataset) -> None:
    """A middle learning rate is one between the smallest and the largest that came to the mark."""
    gains, runs = {}, 0
    for batch in found["batch_size"].values:
        row = found[["height", "runs"]].sel(batch_size=batch).dropna("learning_rate")
        if row.sizes["learning_rate"] > 2:
            # The largest rate tells which ones are in the middle, and no more.
            height, count = (row[name][:-1] for name in ("height", "runs"))
            gains[float(batch)] = float(height[1:].max() - height[0])
            runs += int(count.sum())
    ledger.decide(
        "middle",
        task,
        "at fixed batch size max A_l is larger at a middle learning rate than at the smallest: "
        "smallest gain",
        ">",
        THRESHOLD.middle,
        lambda: (min(gains.values()), runs, _told("batch size", gains)),
        unless=None if gains else "no batch size with three learning rates at running loss 0.1",
    )


def _told(what: str, values: dict[float, float]) -> str:
    return ", ".join(f"{what} {at:g}: {value:+.3f}" for at, value in values.items())
