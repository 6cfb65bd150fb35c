"""One label, colour, mark and line for each thing of the paper, in all its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from layeratlas.figures import palette
from layeratlas.networks.scalings import TITLES

__all__ = [
    "THEORY", "Look", "mlp_rule", "of_depths", "of_rule", "of_scaling", "rules", "scalings",
]  # fmt: skip

#: Closed forms.
THEORY: dict[str, Any] = {"color": "0.1", "lw": 0.8, "ls": (0, (1, 1.2)), "zorder": 5}


class Look(NamedTuple):
    """How a curve is named and coloured, its mark, and its width in points.

    Later curves are thinner: where several are the same, the ones below show at both sides.
    """

    label: str
    colour: Any
    marker: str = "o"
    width: float = 1.0


#: The largest branch scale first, as its curves lie at the top.
_RULES = {
    "1": Look(r"$\beta=1$ (MLP)", palette.of("beta 1")),
    "2/sqrt(L)": Look(r"$\beta=2/\sqrt{L}$", palette.of("beta 2/sqrt(L)")),
    "1/sqrt(L)": Look(r"$\beta=1/\sqrt{L}$", palette.of("beta 1/sqrt(L)")),
    "0.5/sqrt(L)": Look(r"$\beta=1/(2\sqrt{L})$", palette.of("beta 0.5/sqrt(L)")),
    "1/L": Look(r"$\beta=1/L$", palette.of("beta 1/L")),
}
#: The published series called 1 is computed with 0.999.
_AS_PUBLISHED = {"0.999": "1"}

#: Mark and width of a scaling, in the order of the paper.
_SCALINGS = {
    "ntk": ("o", 2.8),
    "mf_mup": ("s", 2.0),
    "fsc": ("D", 1.3),
    "resnet_fsc": ("^", 0.7),
}


def of_rule(rule: str) -> Look:
    """The look of a branch rule."""
    return _RULES.get(_published(rule), Look(rf"$\beta$ = {rule}", "0.4"))


def rules(given: Iterable[str]) -> list[str]:
    """Branch rules, those of the paper first, from the largest."""
    order = {rule: place for place, rule in enumerate(_RULES)}
    return sorted(given, key=lambda rule: order.get(_published(rule), len(order)))


def mlp_rule(given: Iterable[str]) -> str:
    """The rule that stands for β = 1."""
    return next((rule for rule in given if _published(rule) == "1"), "1")


def of_scaling(name: str) -> Look:
    """The look of a scaling."""
    if name not in _SCALINGS:
        return Look(TITLES.get(name, name), "0.33", "v", 0.7)
    return Look(TITLES[name], palette.of(name), *_SCALINGS[name])


def scalings(given: Iterable[str]) -> list[str]:
    """Scalings, those of the paper first and in its order."""
    present = set(given)
    return [name for name in _SCALINGS if name in present] + sorted(present - set(_SCALINGS))


def of_depths(depths: Sequence[float]) -> dict[float, Look]:
    """Depths, ascending: the shallowest darkest and widest."""
    colours = palette.graded(len(depths))
    return {
        depth: Look(f"$L$ = {depth:g}", tuple(colour), width=2.4 * 0.6**k)
        for k, (depth, colour) in enumerate(zip(sorted(depths), colours, strict=True))
    }


def _published(rule: str) -> str:
    """The rule under the name of the published series."""
    return _AS_PUBLISHED.get(rule, rule)
