"""Claims on a perceptron's hidden layers on images.

Thresholds are those of the project's specification of the paper (§6, fig02, fig06 to fig11, fig15).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import convolutions, curves, images, tokens
from layeratlas.papers.nfa.claims import convolutional
from layeratlas.papers.nfa.claims import tokens as claims_of_tokens
from layeratlas.papers.nfa.claims.deciding import Decided, largest, mean, smallest
from layeratlas.papers.nfa.figures.image_layers import FIRST, averages
from layeratlas.papers.nfa.sets import SETS
from layeratlas.papers.nfa.source import PREPRINT

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(gap=0.2, above_turned=0.2, fall=-0.05, loss=1.0)
#: Presets whose trainings are too short to say anything of an end.
_SHORT = 5


def nfa_fig02(cubes: Cubes, references: References) -> list[Claim]:
    """What training added agrees with the gradients more than the whole matrix does."""
    ledger = Ledger("nfa_fig02", f"{PREPRINT}, Fig. 2; thresholds: specification §6")
    sets = images.present(cubes)
    name = FIRST if FIRST in sets else next(iter(sets))
    _along(ledger, sets[name], name)
    for told in ("CIFAR-10", "digits"):
        if told in sets:
            _gap(ledger, sets[told], told)
    _averaged(ledger, sets)
    for told, cube in convolutions.present(cubes).items():
        convolutional.judge(ledger, cube, told)
    if tokens.EXPERIMENT in cubes:
        claims_of_tokens.judge(ledger, cubes[tokens.EXPERIMENT])
    return ledger.claims


def _along(ledger: Ledger, cube: xr.DataTree, name: str) -> None:
    """Fig. 2A, and figures 6 to 11."""
    uc, c = (images.layered(cube, variable) for variable in ("uc_nfc", "c_nfc"))
    each = c - uc
    gap = each.mean("seed", skipna=False)
    ends = gap["epoch"].max()
    layers = f"{gap.sizes['layer']} layers"
    ledger.decide(
        "end",
        name,
        "C-NFC − UC-NFC at the end, mean over layers and seeds",
        ">",
        0,
        partial(
            mean,
            gap.sel(epoch=ends, drop=True),
            f"{layers}; test accuracy {images.accuracy_told(cube)}",
            of=[each.sel(epoch=ends, drop=True)],
        ),
        unless=_short(cube),
    )
    third = (gap["epoch"] >= images.WARM) & (gap["epoch"] <= max(images.WARM, float(ends) / 3))
    early = gap.sel(epoch=third)
    ledger.decide(
        "early",
        name,
        "C-NFC − UC-NFC in the first third of training, means over seeds: smallest over layers and "
        "records",
        ">",
        0,
        partial(
            smallest,
            early,
            f"{layers}, {early.sizes['epoch']} records",
            of=[each.sel(epoch=third)],
        ),
    )


def _gap(ledger: Ledger, cube: xr.DataTree, name: str) -> None:
    """How large the difference is, and that it needs K's own eigenvectors."""
    c, uc, turned = (
        curves.at(images.layered(cube, variable), "final")
        for variable in ("c_nfc", "uc_nfc", "expected_rotated_c_nfc")
    )
    note = f"test accuracy {images.accuracy_told(cube)}"
    ledger.decide(
        "gap",
        name,
        "C-NFC − UC-NFC at the end, mean over hidden layers and seeds",
        ">=",
        THRESHOLD.gap,
        partial(mean, (c - uc).mean("layer", skipna=False), note),
        unless=_short(cube),
    )
    ledger.decide(
        "above_turned",
        name,
        "control: C-NFC less what is expected of it with K's eigenvectors at random, at the end, "
        "mean over hidden layers and seeds",
        ">=",
        THRESHOLD.above_turned,
        partial(mean, (c - turned).mean("layer", skipna=False), ""),
        unless=_short(cube),
    )


def _averaged(ledger: Ledger, sets: dict[str, xr.DataTree]) -> None:
    """Fig. 2B."""
    gap = averages(sets, "c_nfc", "final") - averages(sets, "uc_nfc", "final")
    runs = [curves.at(images.layered(cube, "c_nfc"), "final") for cube in sets.values()]
    ledger.decide(
        "averaged",
        f"average over {', '.join(sets)}",
        "C-NFC − UC-NFC at the end: smallest over layers, means over sets",
        ">=",
        0,
        partial(
            smallest,
            gap.mean("set", skipna=False),
            f"{gap.sizes['layer']} layers, {len(sets)} sets",
            of=runs,
        ),
        unless=next(filter(None, map(_short, sets.values())), None),
    )


def _of_one_set(number: int, name: str) -> Callable[[Cubes, References], list[Claim]]:
    """The claims of figures 6 to 11."""

    def judge(cubes: Cubes, references: References) -> list[Claim]:
        ledger = Ledger(
            f"nfa_fig{number:02}", f"{PREPRINT}; reconstruction: specification §6, as Fig. 2A"
        )
        cube = cubes.get(SETS[name])
        if cube is not None:
            _along(ledger, cube, name)
            return ledger.claims
        for id, words in (("end", "at the end"), ("early", "in the first third of training")):
            ledger.decide(
                id,
                name,
                f"C-NFC − UC-NFC {words}",
                ">",
                0,
                _nothing,
                unless=f"{name} is missing: not at this preset, or not to be had",
            )
        return ledger.claims

    judge.__doc__ = f"What training added agrees more, on {name}."
    return judge


nfa_fig06, nfa_fig07, nfa_fig08, nfa_fig09, nfa_fig10, nfa_fig11 = (
    _of_one_set(number, name) for number, name in enumerate(SETS, start=6)
)


def nfa_fig15(cubes: Cubes, references: References) -> list[Claim]:
    """Losses fall, and matrices move away from where they began."""
    ledger = Ledger("nfa_fig15", f"{PREPRINT}; reconstruction: specification §6")
    for name, cube in images.present(cubes).items():
        loss = curves.evaluated(cube, "train_loss")
        loss = loss.isel(init_gain=0, drop=True) if "init_gain" in loss.dims else loss
        ledger.decide(
            "loss_falls",
            name,
            "training loss at the end over that before training: largest over seeds",
            "<",
            THRESHOLD.loss,
            partial(largest, curves.at(loss, "final") / curves.at(loss, "init")),
            unless=_short(cube),
        )
        change = images.layered(cube, "dw_rel")
        steps = change.diff("epoch") / change.max("epoch")
        ledger.decide(
            "moves_away",
            name,
            "|W − W₀|/|W| from record to record, over its largest: smallest step, of all layers "
            "and seeds",
            ">=",
            THRESHOLD.fall,
            partial(smallest, steps),
        )
    return ledger.claims


def _nothing() -> Decided:
    return float("nan"), 0, ""


def _short(cube: xr.DataTree) -> str | None:
    """Why a short training decides nothing of its end."""
    epochs = int(images.layered(cube, "uc_nfc")["epoch"].max())
    return None if epochs >= _SHORT else f"{epochs} epochs of training are no end"
