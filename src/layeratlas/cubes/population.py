"""How many runs are behind the numbers of a cube, and what became of the others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from layeratlas.cubes.grid import REFINED, grid_axes
from layeratlas.runs.status import OK, STATUS_ATTRIBUTES

#: Words of `status`, by its value.
_WORDS = dict(
    zip(
        STATUS_ATTRIBUTES["flag_values"],  # type: ignore[arg-type]
        str(STATUS_ATTRIBUTES["flag_meanings"]).split(),
        strict=True,
    )
)


def seeds(cube: xr.DataTree) -> int:
    """Runs a cell."""
    return cube["/"].sizes["seed"]


def fewest_and_most(cube: xr.DataTree) -> tuple[int, int] | None:
    """Runs a cell that were asked for: of a cube of points some have more than others. None of a
    cube without runs."""
    if "seed" not in cube["/"].sizes:
        return None
    if REFINED not in cube.children:
        return seeds(cube), seeds(cube)
    counts = (cube[REFINED].to_dataset()["asked_in"].values >= 0).sum(axis=1)
    return int(counts.min()), int(counts.max())


def count_runs(*numbers: xr.DataArray) -> int:
    """How many runs are behind numbers, seeds × cells: those of which any number is finite.

    Each array is along `seed` and axes of the grid, as far as it has them, and whatever a run has
    several numbers along: layers, records. Arrays count as those of different runs.
    """
    return sum(int(_known(array).sum()) for array in numbers)


def _known(numbers: xr.DataArray) -> xr.DataArray:
    """Whether any number of each run is finite."""
    of_runs = {"seed", *grid_axes(numbers)}
    return xr.DataArray(np.isfinite(numbers)).any([d for d in numbers.dims if d not in of_runs])


def lost_runs(cube: xr.DataTree) -> dict[str, int]:
    """Runs that no mean counts, by what became of them: {"diverged": 2, "exploded": 1}.

    Nothing for a cube without runs, such as that of a fit.
    """
    found, counts = np.unique(_asked(cube), return_counts=True)
    return {
        _WORDS.get(int(status), f"status {status:g}"): int(count)
        for status, count in zip(found, counts, strict=True)
        if status != OK
    }


def _asked(cube: xr.DataTree) -> np.ndarray:
    """`status` of every run that was asked for: of a cube of points, some seeds of each."""
    root = cube.to_dataset()
    if "status" not in root:
        return np.array([], int)
    status = root["status"].values
    if REFINED in cube.children:
        return status[cube[REFINED].to_dataset()["asked_in"].values >= 0]
    return status.ravel()


def lost_told(cubes: Mapping[str, xr.DataTree]) -> str:
    """As "left out of means: name 3 of 36 runs (2 diverged, 1 exploded)"; "" where all are ok."""
    told = []
    for name, cube in cubes.items():
        if lost := lost_runs(cube):
            how = ", ".join(f"{count} {word}" for word, count in lost.items())
            of = _asked(cube).size
            told.append(f"{name} {sum(lost.values())} of {of} runs ({how})")
    return f"left out of means: {'; '.join(told)}" if told else ""
