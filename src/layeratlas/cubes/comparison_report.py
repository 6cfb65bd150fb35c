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
    # Kind, what, change → names and cubes of which it is true.
    alike: dict[tuple[str, str, str], tuple[set[str], set[str]]] = {}
    for cube in comparison.cubes:
        for remark in cube.remarks:
            variable, at, attribute = remark.name.rpartition("@")
            what = at + attribute if at else remark.name
            key = (remark.kind, what, _change(remark))
            names, cubes = alike.setdefault(key, (set(), set()))
            names.add(variable)
            cubes.add(cube.name)
    if alike or comparison.added:
        yield "besides numbers:"
    for name in comparison.added:
        yield f"  {'new cube':<10}{name}"
    for (kind, what, change), (names, cubes) in sorted(alike.items()):
        whose = names.pop() if len(names) == 1 else f"{len(names)} variables"
        yield f"  {kind:<10}{whose if what.startswith('@') else ''}{what}{change}{_where(cubes)}"


def _fault(moved: Moved) -> str:
    if moved.problem:
        return moved.problem
    return (
        f"{moved.changed} of {moved.compared} values differ, by at most {moved.furthest:.3g}; "
        f"the first at {moved.example or 'its one value'}"
    )


def _change(remark: Remark) -> str:
    if remark.kind == "unnamed":
        return ": beyond the last layer of a network"
    known = [_short(value) for value in (remark.old, remark.new) if value is not None]
    return f": {' → '.join(known)}" if known else ""


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _where(cubes: set[str]) -> str:
    return f" ({len(cubes)} cubes)" if len(cubes) > 3 else f" ({', '.join(sorted(cubes))})"


def run(given: argparse.Namespace) -> int:
    """`layeratlas compare OLD NEW`: exit status 1 if any number is not where it was."""
    comparison = compare_results(given.old, given.new)
    if given.json:
        answer = dataclasses.asdict(comparison) | {"same_numbers": comparison.same_numbers}
        print(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False, default=str))
    else:
        print(report(comparison))
    return 0 if comparison.same_numbers else 1
