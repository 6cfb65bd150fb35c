"""What the pipeline must know of a figure before it is drawn. Light to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FigureEntry:
    """What the pipeline must know of a figure before it is drawn.

    `function` and `claims` are "module:function"; `experiments` are the cubes it needs, none for
    a drawing, `more` those that it shows besides, by preset, and `references` the files of
    data/reference it compares with. `animation`, also "module:function", gives the frames of
    `figures/<name>.gif`; `table` the `Table` that is written as `figures/<name>.tex` and `.md` too.
    A `costly` figure, one that takes more time or a larger download than a first look at everything
    should, at all presets or at those that are named, is made when asked for by its name or by its
    paper's, and left out of `figures`, `claims` and `all`. Cubes of `optional` experiments are left
    out where their data set cannot be had, and the figure says so (`Workflow.drawn_from`).
    `published` are the data sets of the paper, by source: every other is called a stand-in.
    `letters` name the panels of experiments, where a figure has a panel of each.
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
    costly: bool | tuple[str, ...] = False
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    optional: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict, hash=False)

    def is_costly(self, preset: str) -> bool:
        """Whether it is asked for by name at this preset."""
        return self.costly if isinstance(self.costly, bool) else preset in self.costly

    def experiments_of(self, preset: str) -> tuple[str, ...]:
        """The cubes that it is drawn and judged from at this preset."""
        return tuple(dict.fromkeys((*self.experiments, *self.more.get(preset, ()))))

    @property
    def every_experiment(self) -> tuple[str, ...]:
        """Those of any preset."""
        more = (name for names in self.more.values() for name in names)
        return tuple(dict.fromkeys((*self.experiments, *more)))

    @property
    def presets_named(self) -> tuple[str, ...]:
        """Presets of which it says anything of its own."""
        costly = () if isinstance(self.costly, bool) else self.costly
        return tuple(dict.fromkeys((*costly, *self.more)))
