"""Claims on signals before training: the recursion of infinite width, and where signals cross.

Thresholds are those of the specification (§5, F3); the control, chosen here, starts the recursion
of a pair at another pair's cosine.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import equilibrium
from layeratlas.papers.signal_propagation.pairs import crossing_at_mean, pair_errors
from layeratlas.papers.signal_propagation.source import PREPRINT

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    rise=0.0, exponent=(-0.65, -0.35), forward=0.03, backward=0.05, crossing=1.0, control=0.5
)
#: Widths from which on crossings, and at which errors, are judged.
WIDE, WIDEST = 256, 2048


def signal_propagation(cubes: Cubes, references: References) -> list[Claim]:
    """Monotone, one crossing, near infinite width and nearer the wider."""
    cube = cubes["signal_propagation"]
    ledger = Ledger("signal_propagation", f"{PREPRINT}; derived in the specification, §3.1, §3.4")
    both = equilibrium.correlations(cube)
    for width in both["width"].values.tolist():
        for name, what in (("forward", "fc"), ("backward", "bc")):
            ledger.decide(
                f"monotone-{name}",
                f"width {width}",
                f"{what} rises from layer to layer before training: smallest step of the mean "
                "over seeds",
                ">=",
                THRESHOLD.rise,
                partial(_smallest_step, both[name].sel(width=width)),
            )
    ledger.decide(
        "one-crossing",
        "every network",
        "1 − fc and bc cross once: networks of which they do not",
        "==",
        0,
        partial(_not_once, both),
    )
    off = pair_errors(cube).max("layer")
    _errors(ledger, off)
    _control(ledger, off, pair_errors(cube, shuffle=True).max("layer"))
    _crossing(ledger, cube)
    return ledger.claims


def _smallest_step(values: xr.DataArray) -> tuple[float, int, str]:
    steps = values.mean("seed", skipna=False).diff("layer")
    return float(steps.min(skipna=False)), count_runs(values), f"{steps.sizes['layer']} steps"


def _not_once(both: xr.Dataset) -> tuple[float, int, str]:
    above = (both["backward"] > 1 - both["forward"]).transpose(..., "layer").values
    changes = (above[..., 1:] != above[..., :-1]).sum(-1)
    known = both["forward"].notnull().all("layer").values
    lost = int((~known).sum())
    note = f"{lost} without a value among them" if lost else ""
    return float((changes != 1)[known].sum() + lost), int(known.sum()), note


def _errors(ledger: Ledger, off: xr.Dataset) -> None:
    widths = off["width"].values
    told = "mean error of pairs against the recursion started at their own cosine, worst layer"
    few = None if len(widths) >= 3 else f"needs three widths, has {len(widths)}"
    if not few and widths.max() < WIDE:
        few = f"no width of {WIDE} or more: theirs is no power yet"
    for name, most in (("forward", THRESHOLD.forward), ("backward", THRESHOLD.backward)):
        means = off[name].mean("seed", skipna=False)
        note = ", ".join(f"{float(m):.3f} at {w}" for w, m in zip(widths, means, strict=True))
        runs = count_runs(off[name])

        def exponent(
            means: xr.DataArray = means, runs: int = runs, note: str = note
        ) -> tuple[float, int, str]:
            slope = np.polyfit(np.log(widths), np.log(means.values), 1)[0]
            return float(slope), runs, note

        low, high = THRESHOLD.exponent
        for end, comparison, threshold in (("low", ">=", low), ("high", "<=", high)):
            ledger.decide(
                f"exponent-{name}-{end}",
                f"widths {widths[0]} to {widths[-1]}",
                f"{name} {told}: falls as a power of the width (between {low} and {high})",
                comparison,
                threshold,
                exponent,
                unless=few,
            )
        ledger.decide(
            f"error-{name}",
            f"width {WIDEST}",
            f"{name} {told}",
            "<",
            most,
            partial(_at_widest, off[name]),
            unless=None if WIDEST in widths else f"no width {WIDEST}",
        )


def _control(ledger: Ledger, off: xr.Dataset, control: xr.Dataset) -> None:
    width = int(off["width"].max())
    for name in ("forward", "backward"):
        own, other = (float(v[name].sel(width=width).mean("seed")) for v in (off, control))
        ledger.decide(
            f"control-{name}",
            f"width {width}",
            f"{name} error against that of a recursion started at another pair's cosine: ratio",
            "<=",
            THRESHOLD.control,
            partial(_ratio, own, other, count_runs(off[name].sel(width=width))),
            unless=None
            if width >= WIDE
            else f"narrower than {WIDE}: draws of weights spread as much",
        )


def _crossing(ledger: Ledger, cube: xr.DataTree) -> None:
    found = equilibrium.empirical(cube)
    told = crossing_at_mean(cube)
    c0 = float(equilibrium.first_cosine(cube).mean())
    for width in found["width"].values.tolist():
        here = found.sel(width=width)
        ledger.decide(
            "crossing",
            f"width {width}",
            "equilibrium layer of networks before training, worst seed, off that of infinite width",
            "<=",
            THRESHOLD.crossing,
            partial(_off, here, told, c0),
            unless=None if width >= WIDE else f"narrower than {WIDE}",
        )


def _at_widest(off: xr.DataArray) -> tuple[float, int, str]:
    here = off.sel(width=WIDEST)
    return float(here.mean("seed", skipna=False)), count_runs(here), "mean over seeds"


def _ratio(own: float, other: float, runs: int) -> tuple[float, int, str]:
    return own / other, runs, f"{own:.3f} against {other:.3f}; the control is chosen here"


def _off(here: xr.DataArray, told: float, c0: float) -> tuple[float, int, str]:
    note = f"mean {float(here.mean()):.2f} against {told:.2f} from c0 = {c0:.3f}"
    return float(abs(here - told).max(skipna=False)), count_runs(here), note
