"""Why a claim has its verdict, in sentences for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layeratlas.claims.claim import NOT_APPLICABLE
from layeratlas.claims.counting import needs, number, spread
from layeratlas.claims.turning.explaining import REACH, Change, Why, by_cell
from layeratlas.words import listed

_MOST_CELLS = 8


def told(why: Why) -> list[str]:
    """A line each: the claim, what turns it, the cells and layers that carry it, its seeds."""
    claim = why.claim
    value = " ".join(filter(None, (number(claim), spread(claim))))
    lines = [
        f"{claim.figure}/{claim.id}, {claim.subject}: {claim.verdict}",
        f"  {claim.statement}: {value}, needs {needs(claim)}"
        f"{f'; {claim.note}' if claim.note else ''}",
    ]
    if claim.verdict == NOT_APPLICABLE:
        return [*lines, "  Nothing turns it: these data cannot decide it."]
    lines += [f"  {line}" for line in (_smallest(why), *_carried(why), *_seeds(why))]
    if why.lacking:
        places = listed((at_told(at) for at in why.lacking[:_MOST_CELLS]), 400)
        lines.append(f"  No run has a number at {places}.")
    if why.left_out:
        lines.append(f"  Not changed, though it reads them: {listed(why.left_out)}.")
    if not why.is_complete:
        lines.append("  The search ended before all was tried: there may be a smaller change.")
    return lines


def at_told(at: Mapping[str, Any]) -> str:
    """Coordinates in words: "data noise 0.3, layer 7"."""
    return ", ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in at.items())


def _smallest(why: Why) -> str:
    if why.change is None:
        if not why.n_places:
            return "It reads no number that a change could reach: nothing turns it."
        variables = listed(why.reads)
        return f"No change of one number turns it: {why.n_places} places of {variables} were tried."
    change = why.change
    return (
        f"Smallest change that turns it: {change.variable} of {change.experiment} at "
        f"{at_told(change.at)}, {change.value:.4g} → {change.value + change.by:.4g} "
        f"({change.by:+.3g} in every seed, {_units(change)}): {change.becomes}."
    )


def _units(change: Change) -> str:
    over = "seeds" if change.is_by_seeds else "cells"
    return f"{change.units:.3g} standard deviations over {over}"


def _carried(why: Why) -> list[str]:
    """The cells that carry it, each with its layers."""
    cells = list(by_cell(why.carriers).values())
    if not cells:
        return []
    parts = []
    for changes in cells[:_MOST_CELLS]:
        rest: dict[str, list[Any]] = {}
        for change in changes:
            for dim, label in change.at.items():
                if dim not in change.cell and label not in rest.setdefault(dim, []):
                    rest[dim].append(label)
        layers = ", ".join(
            f"{dim.replace('_', ' ')} {listed(map(_short, sorted(labels, key=_order)))}"
            for dim, labels in rest.items()
            if len(labels) > 1 or dim == "layer"
        )
        cell = at_told(changes[0].cell) or changes[0].experiment
        parts.append(f"{cell} ({layers})" if layers else cell)
    more = f"; and {len(cells) - _MOST_CELLS} cells more" if len(cells) > _MOST_CELLS else ""
    return [f"Carried by, turning it within {REACH:g} times as far: {'; '.join(parts)}{more}."]


def _order(label: Any) -> tuple[bool, Any]:
    return isinstance(label, str), label


def _seeds(why: Why) -> list[str]:
    if not why.seeds:
        return ["It has one seed: what another would say is not known."]
    others = {seed: v for seed, v in why.seeds.items() if v != why.claim.verdict}
    if not others:
        return [f"Without any one of its {len(why.seeds)} seeds it stays as it is."]
    return ["; ".join(f"Without seed {s}: {v}" for s, v in others.items()) + "."]


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
