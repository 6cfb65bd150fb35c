"""The papers, a room each: table of figures, reductions, theory, drawing, claims.

`FIGURES` is every figure the pipeline can draw. To add one, write a function
`(cubes, references) -> matplotlib.figure.Figure` in the room of its paper and one entry in that
room's table; a figure of one's own is the same entry, added to `FIGURES` by a file of
`extensions/`. To add a paper, make a room and enter it in `_ROOMS`. The workflow reads these tables
at every start, so importing this package loads neither matplotlib nor xarray.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas import tables
from layeratlas.errors import LayerAtlasError
from layeratlas.papers import feature_speed, nfa, signal_propagation, spring_block

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from layeratlas.claims.claim import Claim
    from layeratlas.figures.entry import FigureEntry
    from layeratlas.figures.table import Table
    from layeratlas.papers.given import Cubes, References

__all__ = [
    "FIGURES", "PAPERS", "REFERENCES", "TITLES", "animate", "check", "draw", "lookup", "paper_of",
    "tabulate",
]  # fmt: skip

_ROOMS = {
    "spring_block": spring_block,
    "feature_speed": feature_speed,
    "signal_propagation": signal_propagation,
    "nfa": nfa,
}

#: Name of a paper, as experiments give it under `paper`, to its full reference.
REFERENCES: dict[str, str] = {name: room.REFERENCE for name, room in _ROOMS.items()}

#: Name of a paper to its title.
TITLES: dict[str, str] = {name: room.TITLE for name, room in _ROOMS.items()}

#: Name of a paper to its figures: what `snakemake <paper>` makes.
PAPERS: dict[str, tuple[str, ...]] = {
    name: tuple(entry.name for entry in room.FIGURES) for name, room in _ROOMS.items()
}

FIGURES: tables.Table[FigureEntry] = tables.Table("figure")
for _room in _ROOMS.values():
    for _entry in _room.FIGURES:
        FIGURES.add(_entry)


def draw(
    name: str,
    cubes: Cubes,
    references: References | None = None,
    *,
    width: float | None = None,
) -> Figure:
    """Draw the figure `name` from the cubes of its experiments and its reference files.

    Its note tells of the runs that its means leave out, and of preset, data and seeds, whoever drew
    it. `width` in inches is that of one column or two (`style.COLUMN`, `style.PAGE`); without it
    the figure has the width that suits it.
    """
    from layeratlas.figures import style, table, widths
    from layeratlas.figures.origin import origin

    entry = _given(name, cubes, references)
    if entry.table is not None and width is not None:
        figure = table.draw(tables.resolve(entry.table)(cubes), width=width)
    else:
        figure = tables.resolve(entry.function)(cubes, references or {})
    used = {key: cubes[key] for key in entry.every_experiment if key in cubes}
    told = origin(used, entry.published, entry.letters)
    if more := " ".join(filter(None, (_sentence(_lost(entry, cubes)), told))):
        style.add_to_note(figure, more)
    return figure if width is None else widths.fit(figure, width)


def animate(name: str, cubes: Cubes, path: Path, identity: Mapping[str, str] | None = None) -> Path:
    """Write the animation of the figure `name` as a GIF; see `layeratlas.figures.animation`."""
    from layeratlas.figures import animation

    entry = lookup(name)
    if entry.animation is None:
        raise LayerAtlasError(f"figure {name!r} has no animation")
    _require("experiments", entry.experiments, cubes, name)
    return animation.save(tables.resolve(entry.animation)(cubes), path, identity or {})


def tabulate(name: str, cubes: Cubes) -> Table:
    """The table of the figure `name`; its note tells of the runs that its means leave out."""
    entry = lookup(name)
    if entry.table is None:
        raise LayerAtlasError(f"figure {name!r} is no table")
    _require("experiments", entry.experiments, cubes, name)
    table = tables.resolve(entry.table)(cubes)
    return replace(table, note=" ".join(filter(None, (table.note, _sentence(_lost(entry, cubes))))))


def check(name: str, cubes: Cubes, references: References | None = None) -> list[Claim]:
    """All claims of the figure `name`; none if it makes none.

    Each tells how far its number is certain and of the runs that the figure's means leave out,
    whoever judged it. LayerAtlasError where two are of one subject and id.
    """
    from layeratlas.claims.claim import told_twice
    from layeratlas.claims.spread import judged_with_spreads

    entry = _given(name, cubes, references)
    if entry.claims is None:
        return []
    judge = tables.resolve(entry.claims)
    found = judged_with_spreads(lambda others: judge(others, references or {}), cubes)
    if wrong := told_twice(found):
        raise LayerAtlasError(wrong)
    lost = _lost(entry, cubes)
    return [replace(c, note="; ".join(filter(None, (c.note, lost)))) for c in found]


def paper_of(name: str) -> str | None:
    """The paper, as `PAPERS` has it, of which a figure is; None of a figure of one's own."""
    return next((paper for paper, names in PAPERS.items() if name in names), None)


def lookup(name: str) -> FigureEntry:
    """The entry of a figure; LayerAtlasError where there is none."""
    if name not in FIGURES:
        raise LayerAtlasError(f"no figure {name!r}; the figures are {', '.join(FIGURES)}")
    return FIGURES[name]


def _lost(entry: FigureEntry, cubes: Cubes) -> str:
    """What the means of a figure leave out, as a part of a sentence; "" for nothing."""
    from layeratlas.cubes.population import lost_told

    used = [experiment for experiment in entry.every_experiment if experiment in cubes]
    return lost_told({experiment: cubes[experiment] for experiment in used})


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _given(name: str, cubes, references) -> FigureEntry:
    """The entry of a figure all of whose experiments and references are given."""
    entry = lookup(name)
    _require("experiments", entry.experiments, cubes, name, entry.optional)
    _require("references", entry.references, references or {}, name)
    return entry


def _require(
    what: str,
    needed: tuple[str, ...],
    given: Mapping[str, object],
    name: str,
    optional: tuple[str, ...] = (),
) -> None:
    missing = [key for key in needed if key not in given and key not in optional]
    if missing:
        raise LayerAtlasError(f"figure {name!r} needs the {what} {missing}; given: {list(given)}")
