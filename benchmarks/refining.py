"""What a boundary costs that is looked for, against a plain grid; and whether its band is right.

    python benchmarks/refining.py springs [--grid 48] [--seeds 100]
    python benchmarks/refining.py coverage [--times 100]
    python benchmarks/refining.py cubes REFINED.zarr.zip GRID.zarr.zip --level 0

`springs`: friction × noise of chains against a grid of as many seeds. `coverage`: how often the
turn in closed form, μ→ = μ←, lies within the band all along, with other seeds each time. `cubes`: a
cube of points against that of a grid over the same plane.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from made.springs_plane import (
    AT_REST,
    DIAGRAM,
    LEFT,
    beginning,
    distances,
    even,
    on_a_grid,
    turn_of,
)

from layeratlas.config.refine import SeedRange
from layeratlas.refining.trying import search


def rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))


def springs(count: int, seeds: int) -> None:
    start = time.process_time()
    # A series of its own: the same seeds would be wrong in the same way.
    grid = on_a_grid(DIAGRAM, count, seeds, series=99)
    took = time.process_time() - start
    there = turn_of(grid)
    print(f"grid {count} × {count} × {seeds} seeds: {grid.size * seeds:,} runs, {took:.1f} CPU s")
    for series in range(8):
        start = time.process_time()
        found = search(
            beginning(series),
            DIAGRAM,
            even(DIAGRAM, 6),
            tolerance=0.01,
            budget=345,
            seeds=SeedRange.of(2, 100),
        )
        took = time.process_time() - start
        ours = np.concatenate(found.boundary.lines)
        shares = found.runs / grid.size, found.runs / grid.size / seeds
        away = rms(distances(ours, there)), rms(distances(there, ours))
        print(
            f"seeds of series {series}: {found.runs} runs ({shares[0]:.1%} of the grid's cells, "
            f"{shares[1]:.2%} of its runs), {took:.1f} CPU s; rms from the grid's line "
            f"{away[0]:.4f}, back {away[1]:.4f}; said to be off by {found.boundary.offset:.4f}"
        )


def coverage(times: int) -> None:
    up = np.full(101, (LEFT - AT_REST.y.low) / (AT_REST.y.high - AT_REST.y.low))
    line = np.stack([np.linspace(0, 1, 101), up], axis=1)
    held, off, said = [], [], []
    for series in range(1, times + 1):
        found = search(
            beginning(series), AT_REST, even(AT_REST, 5), tolerance=0.004, budget=100, batch=16,
            seeds=SeedRange.of(2, 10),
        )  # fmt: skip
        mean, spread = found.surface.at(line)
        held.append(bool((np.abs(mean) <= found.boundary.band * spread).all()))
        off.append(rms(distances(np.concatenate(found.boundary.lines), line)))
        said.append(found.boundary.offset)
    print(
        f"the closed form lies within the 95 % band all along in {sum(held)} of {times}; off by "
        f"{np.median(off):.4f} in the median, said {np.median(said):.4f}"
    )


def cubes(refined: str, grid: str, level: float) -> None:
    from contourpy import contour_generator

    import layeratlas
    from layeratlas.kinds.quantities import QUANTITIES
    from layeratlas.refining.results import Found
    from layeratlas.tables import resolve

    found = Found.of(layeratlas.open_cube(refined))
    plain = layeratlas.open_cube(grid)
    of = found.refine["of"]
    values = resolve(QUANTITIES[of].function)(plain).mean("seed")
    values = values.transpose(*found.plane.names)
    seeds = plain.sizes["seed"]
    sides = found.plane.x, found.plane.y
    x, y = ([side.place(value) for value in values[side.name].values] for side in sides)
    lines = contour_generator(x, y, values.values.T).lines(level)
    cells = values.size * seeds
    print(f"{of}: {found.runs} runs, {found.runs / cells:.1%} of the grid's {cells:,}")
    if not (lines and found.boundary.lines):
        print(f"lines: {len(found.boundary.lines)} of ours, {len(lines)} of the grid's")
        return
    there, ours = np.concatenate(lines), np.concatenate(found.boundary.lines)
    mean, spread = found.surface.at(there)
    print(
        f"rms from the grid's line {rms(distances(ours, there)):.4f}, back "
        f"{rms(distances(there, ours)):.4f}; said to be off by {found.boundary.offset:.4f}; "
        f"{np.mean(np.abs(mean - level) <= found.boundary.band * spread):.0%} of the grid's line "
        "within the band"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    which = arguments.add_subparsers(dest="which", required=True)
    one = which.add_parser("springs")
    one.add_argument("--grid", type=int, default=48)
    one.add_argument("--seeds", type=int, default=100)
    one = which.add_parser("coverage")
    one.add_argument("--times", type=int, default=100)
    one = which.add_parser("cubes")
    one.add_argument("refined")
    one.add_argument("grid")
    one.add_argument("--level", type=float, default=0.0)
    given = arguments.parse_args()
    if given.which == "springs":
        springs(given.grid, given.seeds)
    elif given.which == "coverage":
        coverage(given.times)
    else:
        cubes(given.refined, given.grid, given.level)


if __name__ == "__main__":
    main()
