"""A comparison of two results folders in words, and the command that prints it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator

from layeratlas.cubes.comparing import Comparison, Moved, Remark, compare_results

_LONGEST = 60


def report(comparison: Comparison) -> str:
    """The verdict, every variable whose numbers moved, then all else that is different.

    What several cubes have in common is said once.
    """
    return "\n".join(_lines(comparison))


def _lines(comparison: Comparison) -> Iterator[str]:
    values = sum(cube.values for cube in comparison.cubes)
    verdict = "every number is where it was" if comparison.same_numbers else "NUMBERS DIFFER"
    yield f"{len(comparison.cubes)} cubes, {values:,} values: {verdict}"
    for name in comparison.missing:
        yield f"  {name}: the new folder has no such cube"
    for cube in comparison.cubes:
        for moved in cube.moved:
            yield f"  {cube.name}: {moved.variable}: {_fault(moved)}"
    alike: dict[tuple[str, str, str], dict[str, Remark]] = {}
    for cube in comparison.cubes:
        for remark in cube.remarks:
            # A variable has many layers, and other things once.
            layer = f"{remark.old} {remark.new}" if remark.kind == "renamed" else ""
            alike.setdefault((remark.kind, remark.name, layer), {})[cube.name] = remark
    if alike or comparison.added:
        yield "besides numbers:"
    for name in comparison.added:
        yield f"  {'new cube':<10}{name}"
    for (kind, name, _), remarks in sorted(alike.items()):
        yield f"  {kind:<10}{name}{_change(list(remarks.values()))}{_where(list(remarks))}"


def _fault(moved: Moved) -> str:
    if moved.problem:
        return moved.problem
    return (
        f"{moved.changed} of {moved.compared} values differ, by at most {moved.furthest:.3g}; "
        f"the first at {moved.example or 'its one value'}"
    )


def _change(remarks: list[Remark]) -> str:
    """Old and new value, if all agree on them."""
    told = {f": {_short(r.old)} → {_short(r.new)}" for r in remarks}
    if len(told) > 1 or all(r.old is None and r.new is None for r in remarks):
        return ""
    return told.pop()


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _where(names: list[str]) -> str:
    if len(names) > 3:
        return f" ({len(names)} cubes)"
    return f" ({', '.join(names)})"


def run(given: argparse.Namespace) -> int:
    """`layeratlas compare OLD NEW`: exit status 1 if any number is not where it was."""
    comparison = compare_results(given.old, given.new)
    if given.json:
        answer = dataclasses.asdict(comparison) | {"same_numbers": comparison.same_numbers}
        print(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False, default=str))
    else:
        print(report(comparison))
    return 0 if comparison.same_numbers else 1
