"""Claims on the chains of the authors' two notebooks (4.10, 4.11; arXiv 2407.19353)."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import seeds
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_runs, chain_settings
from layeratlas.papers.spring_block.claims.springs import ALIKE_WITHOUT_NOISE, SOURCE, STRAIGHT
from layeratlas.papers.spring_block.theory import stationary_state

#: Every number that decides a claim, and nothing else; `STRAIGHT` too.
THRESHOLD = SimpleNamespace(
    profile=0.01,  # 4.10
    ahead=0.0,  # 4.10
    noise_free=-0.1,  # 4.11
    parabola=0.015,  # 4.11
    growth=1.0,  # 4.11
)
#: Chains that statements on a mean need, of the first and of the second order: a tenth less than
#: the fewest that presets have, which is left out to find a standard error.
ENOUGH = {"first": 90, "second": 18}


def first_order_chain(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.10: even friction and noise end in a straight line, the outer blocks ahead."""
    ledger = Ledger("first_order_chain", SOURCE)
    cube = cubes["first_order_chain"]
    y, chains = chain_settings(cube)["target"], seeds(cube)
    noisy = chain_curves(cube, keep_epochs=True).isel(noise_strength=-1)
    noisy = noisy.transpose("step", "layer")
    end = noisy.isel(step=-1)
    few = _too_few(chains, ENOUGH["first"])
    runs = int(chain_runs(cube).isel(noise_strength=-1))
    ledger.decide(
        "linear",
        "mean over chains",
        "the final profile is straight: |CI|",
        "<",
        STRAIGHT,
        lambda: (abs(float(load_curves.convexity_index(end))), runs, ""),
        unless=few,
    )
    straight = y * (1 - np.arange(end.size) / end.size)
    ledger.decide(
        "profile",
        "mean over chains",
        "D_l is 1 − l/8 at the end: largest distance over l = 1 … 7",
        "<=",
        THRESHOLD.profile,
        lambda: (float(abs(end.values - straight)[1:].max()), runs, ""),
        unless=few,
    )

    def order() -> tuple[float, int, str]:
        D = noisy.sel(step=500).values[1:]
        return float(-np.diff(D).max()), runs, "D_1 … D_7: " + " ".join(f"{d:.3f}" for d in D)

    recorded = 500 in noisy["step"].values
    ledger.decide(
        "order",
        "mean over chains",
        "D_1 > D_2 > … > D_7 at step 500: smallest difference of neighbours",
        ">",
        THRESHOLD.ahead,
        order,
        unless=few or (None if recorded else "step 500 was not recorded"),
    )
    return ledger.claims


def second_order_chain(cubes: Cubes, references: References) -> list[Claim]:
    """Claims 4.11: concave without noise, on the stationary parabola with common noise."""
    ledger = Ledger("second_order_chain", SOURCE)
    cube = cubes["second_order_chain_common"]
    chain, chains = chain_settings(cube), seeds(cube)
    curves = chain_curves(cube)
    noise = curves["noise_strength"].values
    few = _too_few(chains, ENOUGH["second"])
    quiet, noisy = (int(chain_runs(cube).isel(noise_strength=end)) for end in (0, -1))
    ledger.decide(
        "noise-free",
        "no noise",
        "concave: CI at the end",
        "<",
        THRESHOLD.noise_free,
        lambda: (
            float(load_curves.convexity_index(curves.isel(noise_strength=0))),
            quiet,
            ALIKE_WITHOUT_NOISE,
        ),
        unless=None if noise[0] == 0 else "the grid has no chain without noise",
    )
    right, left = chain["friction_right"], chain["friction_left"]
    k, y = chain["stiffness"], chain["target"]
    parabola = y - stationary_state(chain["length"], right, left, k, y)[:-1]

    def distance() -> tuple[float, int, str]:
        mean = curves.isel(noise_strength=-1)
        ci = float(load_curves.convexity_index(mean))
        apart = float(abs(mean.values - parabola).max())
        return apart, noisy, f"CI {ci:+.3f}; of the parabola {_convexity_of(parabola):+.3f}"

    ledger.decide(
        "parabola",
        "common noise",
        "the mean profile is the stationary parabola: largest |D_l − D_l*|",
        "<=",
        THRESHOLD.parabola,
        distance,
        unless=few or (None if noise[-1] > 0 else "the grid has no chain with noise"),
    )

    def envelope() -> tuple[float, int, str]:
        v = chain_curves(cube, "spring_velocity", over=None, keep_epochs=True)
        v = v.isel(noise_strength=-1).transpose("step", "seed", "layer")
        # Neither at rest, at the start, nor the wall moves.
        quarters = np.array_split(v.values[1:, :, 1:], 4)
        size = [float(np.sqrt((part**2).mean())) for part in quarters]
        note = "quarters: " + ", ".join(f"{s:.2g}" for s in size)
        return max(b / a for a, b in pairwise(size)), noisy, note

    ledger.decide(
        "velocity",
        "common noise",
        "the envelope of v shrinks: root mean square of a quarter of the run over that of the "
        "quarter before, the largest ratio",
        "<",
        THRESHOLD.growth,
        envelope,
    )
    return ledger.claims


def _too_few(chains: int, enough: int) -> str | None:
    return f"{chains} chains; the statement is about at least {enough}" if chains < enough else None


def _convexity_of(curve: np.ndarray) -> float:
    return float(load_curves.convexity_index(xr.DataArray(curve, dims="layer")))
