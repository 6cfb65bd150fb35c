"""What a boundary can be of: numbers of a cell, by name, the user's own too.

A quantity is a function of a cube, `cube -> DataArray` over its grid and, where runs differ,
`seed`: one number of every run, or of every cell. Its boundary is where it has a level (`refine`
of an experiment).
"""

from __future__ import annotations

from dataclasses import dataclass

from layeratlas.tables import Table

__all__ = ["QUANTITIES", "Quantity"]


@dataclass(frozen=True)
class Quantity:
    """An entry of `QUANTITIES`: `function` and `theory` are "module:function".

    `between` are the least and the largest number that it can be; `kinds` those of experiments that
    it is of, and `metrics` those that a measured one needs; `symbol` is as in the papers.
    `theory(cube) -> [(name, x, y), …]` gives lines on which theory has the boundary, in values of
    the two axes that are refined, none where theory does not speak of the cube.
    """

    name: str
    function: str
    long_name: str
    symbol: str = ""
    between: tuple[float, float] = (float("-inf"), float("inf"))
    kinds: tuple[str, ...] = ("training",)
    metrics: tuple[str, ...] = ()
    theory: str | None = None


QUANTITIES: Table[Quantity] = Table("quantity")
for _quantity in (
    Quantity(
        "convexity_index",
        "layeratlas.papers.spring_block.boundaries:convexity",
        "convexity index of the load curve",
        r"\mathrm{CI}",
        (-1.0, 1.0),
        ("training", "simulation"),
        ("data_separation",),
        "layeratlas.papers.spring_block.boundaries:straight_lines",
    ),
    Quantity(
        "peak_beyond_first",
        "layeratlas.papers.signal_propagation.boundaries:peak_beyond_first",
        "peak of the alignment beyond layer 1",
        r"\ln(\max_{l \geq 2} A_l / A_1)",
        kinds=("training",),
        metrics=("alignment",),
        theory="layeratlas.papers.signal_propagation.boundaries:crossing_at_first",
    ),
    Quantity(
        "test_accuracy",
        "layeratlas.refining.quantities:test_accuracy",
        "test accuracy",
        between=(0.0, 1.0),
    ),
    Quantity(
        "lost",
        "layeratlas.refining.quantities:lost",
        "share of runs that are not ok",
        between=(0.0, 1.0),
        kinds=("training", "simulation", "probe"),
    ),
):
    QUANTITIES.add(_quantity)
