"""Claims on feature speed along training.

Beyond L. Chizat and P. Netrapalli, "The Feature Speed Formula" (arXiv 2311.18718), which trains
nothing. Their formula holds at any time of any training, so it is judged at every checkpoint; their
scalings are told apart at the first step (specification §2.3, §7.10), and nothing is claimed of
later ones.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed.claims.precision import IDENTITY
from layeratlas.papers.feature_speed.source import PREPRINT
from layeratlas.papers.feature_speed.trainings import FROZEN, INVARIANT, along_training
from layeratlas.papers.given import Cubes, References

SOURCE = f"{PREPRINT}, Thm 2.1 and Prop. 5.3; along training: an extension"

#: Every number that decides a claim, besides those of `precision`.
THRESHOLD = SimpleNamespace(slower=1.0)
#: Units a layer of depth from which on the orders of a scaling show (specification §2.5).
WIDE = 8


def feature_speed_training(cubes: Cubes, references: References) -> list[Claim]:
    """The formula at every checkpoint, and NTK the slowest at the first step."""
    ledger = Ledger("feature_speed_training", SOURCE)

    def residual() -> tuple[float, int, str]:
        worst, runs, behind = -np.inf, 0, []
        for name in FROZEN + INVARIANT:
            each = along_training(cubes[name], "feature_speed_residual")
            values = each.values[np.isfinite(each.values)]
            worst, runs = max(worst, values.max(initial=-np.inf)), runs + count_runs(each)
            behind.append(f"{name} {values.max():.1e}" if values.size else f"{name} no value")
        return worst if runs else np.nan, runs, "; ".join(behind)

    ledger.decide(
        "formula",
        "every layer, run and checkpoint",
        "feature speed formula: largest |−⟨b, ḟ⟩ − D|/D, the left side by a Jacobian–vector "
        "product in double precision",
        "<=",
        IDENTITY,
        residual,
    )
    cube = cubes[FROZEN[0]]
    named = fs.axis(cube, "scaling")
    others = [s for s in ("mf_mup", "fsc") if s in named]
    unless = None if "ntk" in named and others else f"needs ntk and mf_mup or fsc; has {named}"

    # Checkpoint 0 is where step 1 is taken.
    speed = along_training(cube, "feature_velocity").sel(epoch=0)
    each = fs.last_hidden(speed)
    speed = each.median("seed", skipna=False)
    regime = speed["width"] >= WIDE * speed["depth"]

    def order(inside: bool) -> tuple[float, int, str]:
        ratio = speed.sel(scaling="ntk") / speed.sel(scaling=others).min("scaling", skipna=False)
        cells = ratio.stack(cell=("depth", "width"))
        cells = cells[regime.stack(cell=("depth", "width")).values] if inside else cells
        note = ", ".join(
            f"{float(c):.3f} at L={c.depth.item():g}, m={c.width.item():g}" for c in cells
        )
        note = (
            f"NTK over the slowest other: {note}; batch of images, the paper's orders are for one"
        )
        compared = each.sel(scaling=["ntk", *others])
        runs = count_runs(compared.where(regime) if inside else compared)
        return float(cells.max(skipna=False)), runs, note

    for id, where, inside in (
        ("order", f"perceptrons with m ≥ {WIDE} L, step 1", True),
        ("order_narrow_too", "all perceptrons, step 1", False),
    ):
        ledger.decide(
            id,
            where,
            "NTK moves the last hidden feature less than "
            f"{' and '.join(others) or 'mf_mup and fsc'} do: largest ratio over depths L and "
            "widths m of the seeds' median |ḟ|",
            "<",
            THRESHOLD.slower,
            partial(order, inside),
            is_order=True,
            unless=unless
            or (f"no width of at least {WIDE} L" if inside and not regime.any() else None),
        )
    return ledger.claims
