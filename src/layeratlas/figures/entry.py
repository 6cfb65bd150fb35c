"""What the pipeline must know of a figure before it is drawn. Light to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FigureEntry:
    """What the pipeline must know of a figure before it is drawn.

    `function` and `claims` are "module:function"; `experiments` are the cubes it needs, none for
    a drawing, and `references` the files of data/reference it compares with. `animation`, also
    "module:function", gives the frames of `figures/<name>.gif`; `table` the `Table` that is written
    as `figures/<name>.tex` and `.md` too. A `costly` figure, one that takes
    more time or a larger download than a first look at everything should, is made when asked for
    by its name, and left out of `figures`, `claims` and `all`.
    """

    name: str
    function: str
    claims: str | None = None
    experiments: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    paper: str = ""
    title: str = ""
    caption: str = ""
    animation: str | None = None
    table: str | None = None
    costly: bool = False
