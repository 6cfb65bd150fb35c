"""Claims on the stand-in for the folding ruler (4.6; arXiv 2407.19353)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_settings
from layeratlas.papers.spring_block.claims.springs import ALIKE_WITHOUT_NOISE, EXACT, SOURCE

#: Every number that decides a claim, and nothing else; `EXACT` too.
THRESHOLD = SimpleNamespace(unmoved=7, even=0.15)
_ONE = f"one chain: {ALIKE_WITHOUT_NOISE}"


def folding_ruler(cubes: Cubes, references: References) -> list[Claim]:
    """Steady pulling opens the outer segments, shaking all evenly."""
    ledger = Ledger("folding_ruler", SOURCE)
    cube = cubes["folding_ruler"]
    y = chain_settings(cube)["target"]
    chains = chain_curves(cube, over=None)
    every = chains.isel(noise_strength=0).transpose("seed", "layer").values
    known = np.isfinite(every).all(1)
    # The first that is there: all NaN where none is.
    steady, one = every[known.argmax()], int(known.any())
    calm = float(chains["noise_strength"].values[0]) == 0
    unless = None if calm else "the grid has no chain without noise"
    ledger.decide(
        "steady-inner",
        "steady",
        "inner blocks that never moved, counted from the wall",
        "==",
        THRESHOLD.unmoved,
        lambda: (
            float(np.argmax(np.append(steady[1:] != y, True))) if one else np.nan,
            one,
            f"of {len(steady) - 1}; {_ONE}",
        ),
        unless=unless,
    )
    ledger.decide(
        "steady-outer",
        "steady",
        "the three outer blocks are at 0.1, 0.3, 0.6: largest distance (float32 cube)",
        "<=",
        EXACT,
        lambda: (float(abs(y - steady[-3:] - [0.1, 0.3, 0.6]).max()), one, _ONE),
        unless=unless,
    )

    def unevenness() -> tuple[float, int, str]:
        shaken = chains.isel(noise_strength=-1).transpose("seed", "layer").values
        # The last spring runs from block L to the target, where the distance is 0.
        elongations = -np.diff(np.column_stack([shaken, np.zeros(len(shaken))]), axis=1)
        ratio = elongations.std(axis=1) / elongations.mean(axis=1)
        runs = int(np.isfinite(ratio).sum())
        return float(ratio.max()), runs, f"mean over chains {ratio.mean():.3f}"

    ledger.decide(
        "shaken-even",
        "shaken",
        "all elongations are even: standard deviation / mean, the worst chain",
        "<",
        THRESHOLD.even,
        unevenness,
    )
    return ledger.claims
