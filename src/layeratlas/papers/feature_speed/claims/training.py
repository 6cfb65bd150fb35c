"""Claims on feature speed along training, and on the transfer of learning rates across depth.

Beyond L. Chizat and P. Netrapalli, "The Feature Speed Formula" (arXiv 2311.18718), which trains
nothing. Their formula holds at any time of any training, so it is judged at every checkpoint; their
scalings are told apart at the first step (specification §2.3, §7.10), and nothing is claimed of
later ones. Whether FSC keeps the best learning rate fixed as depth grows is this project's
question, with a threshold that was set before the first result.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes import selecting
from layeratlas.papers.feature_speed import reductions as fs

SOURCE = "arXiv 2311.18718, Thm 2.1 and Prop. 5.3; along training: an extension"
QUESTION = "an extension of arXiv 2311.18718"
FROZEN = ("feature_speed_training", "feature_speed_training_resnet")
INVARIANT = tuple(f"{name}_invariant" for name in FROZEN)
TRANSFER = "learning_rate_transfer"

#: Every number that decides a claim, and nothing else.
THRESHOLD = SimpleNamespace(residual=1e-10, slower=1.0, slope=0.25)
#: Depths that a slope needs.
DEPTHS = 3
#: Units a layer of depth from which on the orders of a scaling show (specification §2.5).
WIDE = 8

Cubes = Mapping[str, xr.DataTree]


def feature_speed_training(cubes: Cubes, references: Mapping[str, Path]) -> list[Claim]:
    """The formula at every checkpoint, and NTK the slowest at the first step."""
    ledger = Ledger("feature_speed_training", SOURCE)

    def residual() -> tuple[float, int, str]:
        worst, count, behind = -np.inf, 0, []
        for name in FROZEN + INVARIANT:
            values = fs.along_training(cubes[name], "feature_speed_residual").values
            values = values[np.isfinite(values)]
            worst, count = max(worst, values.max(initial=-np.inf)), count + values.size
            behind.append(f"{name} {values.max():.1e}" if values.size else f"{name} no value")
        return worst if count else np.nan, count, "; ".join([*behind, *_lost(cubes)])

    ledger.decide(
        "formula",
        "every layer, run and checkpoint",
        "feature speed formula: largest |−⟨b, ḟ⟩ − D|/D, the left side by a Jacobian–vector "
        "product in double precision",
        "<=",
        THRESHOLD.residual,
        residual,
    )
    cube = cubes[FROZEN[0]]
    named = [str(s) for s in cube["/"]["scaling"].values]
    others = [s for s in ("mf_mup", "fsc") if s in named]
    unless = None if "ntk" in named and others else f"needs ntk and mf_mup or fsc; has {named}"

    # Checkpoint 0 is where step 1 is taken.
    speed = fs.along_training(cube, "feature_velocity").sel(epoch=0)
    speed = fs.last_hidden(speed).median("seed", skipna=False)
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
        return float(cells.max(skipna=False)), cells.size, note

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
            lambda inside=inside: order(inside),
            unless=unless
            or (f"no width of at least {WIDE} L" if inside and not regime.any() else None),
        )
    return ledger.claims


def learning_rate_transfer(cubes: Cubes, references: Mapping[str, Path]) -> list[Claim]:
    """Whether the best master step under FSC stays as depth grows."""
    cube = cubes[TRANSFER]
    best = fs.optimal_learning_rate(fs.training_loss(cube))
    slopes = fs.log_slope(best, "depth")
    named = [str(s) for s in best["scaling"].values]
    depths, seeds = best.sizes["depth"], best.sizes["seed"]
    ledger = Ledger("learning_rate_transfer", QUESTION)
    unless = None
    if "fsc" not in named:
        unless = f"the grid has no scaling fsc; it has {', '.join(named)}"
    elif depths < DEPTHS:
        unless = f"{depths} depth{'s' if depths > 1 else ''}: a slope needs at least {DEPTHS}"

    def slope() -> tuple[float, int, str]:
        told = []
        for name in named:
            one, optima = slopes.sel(scaling=name), best.sel(scaling=name)
            spread = f" ± {float(one.std('seed', ddof=1)):.2f}" if seeds > 1 else ""
            at = ", ".join(
                f"{np.exp(np.log(o).mean()):.3g}" for o in optima.transpose("depth", ...)
            )
            told.append(f"{name} {float(one.mean(skipna=False)):+.2f}{spread} (optima {at})")
        found = abs(float(slopes.sel(scaling="fsc").mean("seed", skipna=False)))
        note = "; ".join(told) + f"; {seeds} seed{'s' if seeds > 1 else ''}"
        return found, depths * seeds, note

    ledger.decide(
        "transfer",
        "fsc",
        "FSC keeps the best learning rate fixed across depth: |mean over seeds of the slope of "
        "ln(optimal learning rate) against ln(depth)|",
        "<=",
        THRESHOLD.slope,
        slope,
        unless=unless,
    )
    return ledger.claims


def _lost(cubes: Cubes) -> list[str]:
    lost = sum(
        int((cubes[name]["/"].to_dataset()["status"] != selecting.STATUS_OK).sum())
        for name in FROZEN + INVARIANT
    )
    return [f"{lost} runs diverged or missing, left out"] if lost else []
