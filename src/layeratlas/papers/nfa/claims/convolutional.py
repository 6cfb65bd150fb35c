"""Claims on convolutions: Fig. 2C, and figures 12 to 14.

Thresholds are those of the project's specification of the paper (§6). The first convolution, whose
correlations are both near 1, is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import convolutions, curves, images
from layeratlas.papers.nfa.claims.deciding import Decided, mean
from layeratlas.papers.nfa.sets import CONVOLUTIONAL
from layeratlas.papers.nfa.source import PREPRINT

__all__ = ["judge"]

#: Epochs below which a training has no end to speak of.
_SHORT = 5


def judge(ledger: Ledger, cube: xr.DataTree, name: str) -> None:
    """What training added agrees more, mean over convolutions but the first."""
    c, uc, turned = (
        convolutions.layered(cube, variable)
        for variable in ("c_nfc", "uc_nfc", "expected_rotated_c_nfc")
    )
    epochs = int(uc["epoch"].max())
    short = None if epochs >= _SHORT else f"{epochs} epochs of training are no end"
    ends = [curves.at(one, "final").sel(layer=slice(2, None)) for one in (c, uc, turned)]
    of_c, of_uc, of_turned = (one.mean("layer", skipna=False) for one in ends)
    ledger.decide(
        "convolutions",
        name,
        "C-NFC − UC-NFC at the end, mean over convolutions from the second on and seeds",
        ">=",
        0,
        partial(mean, of_c - of_uc, f"test accuracy {images.accuracy_told(cube)}"),
        unless=short,
    )
    ledger.decide(
        "convolutions_turned",
        name,
        "control: C-NFC less what is expected of it with K's eigenvectors at random, the same mean",
        ">",
        0,
        partial(mean, of_c - of_turned),
        unless=short,
    )


def _of_one_set(number: int, name: str) -> Callable[[Cubes, References], list[Claim]]:
    """The claims of figures 12 to 14."""

    def judged(cubes: Cubes, references: References) -> list[Claim]:
        ledger = Ledger(
            f"nfa_fig{number}", f"{PREPRINT}; reconstruction: specification §6, as Fig. 2C"
        )
        cube = cubes.get(CONVOLUTIONAL[name])
        if cube is not None:
            judge(ledger, cube, f"VGG-11, {name}")
            return ledger.claims
        ledger.decide(
            "convolutions",
            f"VGG-11, {name}",
            "C-NFC − UC-NFC at the end, mean over convolutions from the second on",
            ">=",
            0,
            _nothing,
            unless=f"{name} is missing: not at this preset, or not to be had",
        )
        return ledger.claims

    judged.__doc__ = f"What training added agrees more, in convolutions on {name}."
    return judged


def _nothing() -> Decided:
    return float("nan"), 0, ""


nfa_fig12, nfa_fig13, nfa_fig14 = (
    _of_one_set(number, name) for number, name in enumerate(CONVOLUTIONAL, start=12)
)
