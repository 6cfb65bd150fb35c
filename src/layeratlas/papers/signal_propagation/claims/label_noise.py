"""Claims on runs on noisy labels; random labels are the control of the whole hierarchy.

Thresholds are those of the project's specification of the paper (§5, F9).
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.size import too_small
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.label_noise import EXPERIMENT, common_mark, peaks, subset
from layeratlas.papers.signal_propagation.shape import Shape, shape_of
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    step=0.0,
    half=0.5,
    permuted=2.0,  # chosen here: "stays at its value at initialisation" (order 1/n)
)


def label_noise(cubes: Cubes, references: References) -> list[Claim]:
    """Noise lowers the hierarchy; random labels have none; permuted labels never did."""
    ledger = Ledger("label_noise", f"{PUBLISHED}; thresholds: specification §5")
    cube = cubes[EXPERIMENT]
    levels = np.sort(cube.to_dataset()["label_noise"].values)
    mark = common_mark(cube)
    unless = None if mark else "no training loss that runs at every noise level came to"
    if levels[0] != 0:
        unless = "the grid has no clean labels"
    unless = too_small(cube, images=1000) or unless
    random = unless or ("the grid has no fully random labels" if levels[-1] != 1 else None)
    told = moments.label_told(mark) if mark else "equal training loss"

    def runs(*levels: float) -> int:
        came = moments.reached(cube, str(mark))
        return int((came.sel(label_noise=list(levels)) if levels else came).sum())

    def falls() -> tuple[float, int, str]:
        height = peaks(cube, "train", str(mark))
        listed = ", ".join(f"{h:.3f} at {p:g}" for h, p in zip(height.values, levels, strict=True))
        return float(height.diff("label_noise").max()), runs(), f"max A_l: {listed}"

    ledger.decide(
        "falls",
        f"training images with the labels trained on, {told}",
        "peak height falls with label noise: largest change from one level to the next",
        "<",
        THRESHOLD.step,
        falls,
        unless=unless,
    )

    def half() -> tuple[float, int, str]:
        height = peaks(cube, "train", str(mark))
        clean, noisy = (float(height.sel(label_noise=level)) for level in (0, 1))
        return noisy / clean, runs(0, 1), f"{noisy:.3f} against {clean:.3f}"

    ledger.decide(
        "random_below_half",
        f"training images with the labels trained on, {told}",
        "max A_l of random labels over that of clean ones",
        "<",
        THRESHOLD.half,
        half,
        unless=random,
    )
    _presence(ledger, cube, mark, told, random)

    def permuted() -> tuple[float, int, str]:
        before, after = (
            _clean(subset(cube, "alignment_permuted", "train", record)).mean("seed")
            for record in (moments.INIT, str(mark))
        )
        ratio = float(after.max() / before.max())
        return ratio, runs(0), f"{float(after.max()):.4f} against {float(before.max()):.4f}"

    ledger.decide(
        "permuted_stays",
        f"clean training, {told}",
        "control: max A_l of permuted labels (mean of 20 draws) over that before training",
        "<=",
        THRESHOLD.permuted,
        permuted,
        unless=unless,
    )
    return ledger.claims


def _clean(values: xr.DataArray) -> xr.DataArray:
    return values.sel(label_noise=0)


def _presence(
    ledger: Ledger, cube: xr.DataTree, mark: str | None, told: str, unless: str | None
) -> None:
    """Ascent-descent at random labels, and, so that its absence means something, at clean ones."""
    for id, level, statement, expected in (
        ("random_has_none", 1, "of random labels ascent-descent is present (1) or not (0)", 0),
        ("clean_has_it", 0, "control: of clean labels ascent-descent is present (1) or not (0)", 1),
    ):
        found: Shape | None = None
        reason = unless
        if not reason:
            profiles = subset(cube, "alignment", "train", str(mark)).sel(label_noise=level)
            found = shape_of(profiles.dropna("seed", how="all"))
            if found.presence == "undecided":
                reason = "undecided: fewer than 3 seeds"
        ledger.decide(
            id,
            f"training images with the labels trained on, {told}",
            statement,
            "==",
            expected,
            partial(_told, found),
            unless=reason,
        )


def _told(found: Shape | None) -> tuple[float, int, str]:
    assert found is not None
    return float(found.presence == "present"), found.seeds, found.told
