"""One label, colour and line for each thing of the paper, in all its figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from layeratlas.figures import palette
from layeratlas.networks.scalings import TITLES

__all__ = ["COLOURS", "THEORY", "Look", "mlp_rule", "of_rule", "of_scaling", "rules", "scalings"]

#: The paper's C0 … C4, colour-blind safe.
COLOURS = (palette.BLUE, palette.ORANGE, palette.GREEN, palette.VERMILLION, palette.PURPLE)

#: Closed forms.
THEORY: dict[str, Any] = {"color": "0.1", "lw": 0.8, "ls": (0, (1, 1.2)), "zorder": 5}


class Look(NamedTuple):
    """How a curve is named and coloured."""

    label: str
    colour: str


_RULES = {
    "1/L": Look(r"$\beta=1/L$", COLOURS[0]),
    "0.5/sqrt(L)": Look(r"$\beta=1/(2\sqrt{L})$", COLOURS[1]),
    "1/sqrt(L)": Look(r"$\beta=1/\sqrt{L}$", COLOURS[2]),
    "2/sqrt(L)": Look(r"$\beta=2/\sqrt{L}$", COLOURS[3]),
    "1": Look(r"$\beta=1$ (MLP)", COLOURS[4]),
}
#: The published series called 1 is computed with 0.999.
_AS_PUBLISHED = {"0.999": "1"}

_SCALINGS = {"ntk": COLOURS[0], "mf_mup": COLOURS[1], "fsc": COLOURS[2], "resnet_fsc": COLOURS[4]}


def of_rule(rule: str) -> Look:
    """The look of a branch rule."""
    return _RULES.get(_published(rule), Look(rf"$\beta$ = {rule}", "0.4"))


def rules(given: Iterable[str]) -> list[str]:
    """Branch rules, those of the paper first and in its order."""
    order = {rule: place for place, rule in enumerate(_RULES)}
    return sorted(given, key=lambda rule: order.get(_published(rule), len(order)))


def mlp_rule(given: Iterable[str]) -> str:
    """The rule that stands for β = 1."""
    return next((rule for rule in given if _published(rule) == "1"), "1")


def of_scaling(name: str) -> Look:
    """The look of a scaling."""
    return Look(TITLES.get(name, name), _SCALINGS.get(name, "0.33"))


def scalings(given: Iterable[str]) -> list[str]:
    """Scalings, those of the paper first and in its order."""
    present = set(given)
    return [name for name in _SCALINGS if name in present] + sorted(present - set(_SCALINGS))


def _published(rule: str) -> str:
    """The rule under the name of the published series."""
    return _AS_PUBLISHED.get(rule, rule)
