"""Phase diagrams of networks beside those of springs, cell by cell."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes.selecting import grid_axes
from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block.layout import diagram
from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve, runs_behind
from layeratlas.papers.spring_block.noise import noise_axis
from layeratlas.papers.spring_block.published import (
    PUBLISHED_COLUMNS,
    PUBLISHED_SLOPES,
    coinciding,
)

#: Rank correlation from which two diagrams are called alike (specification §4.3, claim 5).
ALIKE = 0.7


def spring_table(cube: xr.DataTree) -> xr.DataArray:
    """Convexity index of a spring–block diagram, laid out as the published network diagram.

    Returns (row, column): row 0 has the most friction μ→ (as ReLU is the most nonlinear), column
    0 the strongest noise; both are integer coordinates.
    """
    return _laid_out(convexity_index(load_curve(cube, variable="spring_separation")))


def spring_runs(cube: xr.DataTree) -> xr.DataArray:
    """How many chains are behind each cell of `spring_table`, (row, column)."""
    return _laid_out(runs_behind(cube, variable="spring_separation"))


def _laid_out(table: xr.DataArray) -> xr.DataArray:
    axes = [axis for axis in ("friction_right", "friction") if axis in table.dims]
    if len(axes) != 1 or set(grid_axes(table)) != {axes[0], "noise_strength"}:
        raise LayerAtlasError(
            "a spring–block diagram needs the grid axes friction_right (or friction) and "
            f"noise_strength; this one has {list(grid_axes(table))}"
        )
    table = table.sortby([axes[0], "noise_strength"], ascending=False)
    table = table.transpose(axes[0], "noise_strength").compute()
    return xr.DataArray(
        table.values,
        dims=("row", "column"),
        coords={"row": np.arange(table.shape[0]), "column": np.arange(table.shape[1])},
        name=table.name,
    )


def beside_springs(convexity: xr.DataArray, springs: xr.DataArray) -> xr.Dataset:
    """Cells of a network's diagram with their counterparts in the springs' table.

    The two diagrams have no common unit, so cells correspond by their place in the published
    6 × 8 layout. Rows: negative slopes 0, 0.2, …, 1 ↔ friction from the most to the least.
    Columns: the published values of the noise axis, noisiest first ↔ noise strengths from the
    strongest to none. A smaller grid keeps its places: dropout 0.08 is the sixth of eight
    columns whether or not the others were run. Cells that are not published are left out.

    `convexity` has a noise axis and negative_slope, in any order; `springs` is the (row, column)
    of `spring_table`, which must be 6 × 8. Returns (cell), row by row, with `convexity_index`,
    `convexity_index_springs` and the coordinates `row` and `column`.
    """
    axis = noise_axis(convexity)
    layout = (len(PUBLISHED_SLOPES), len(PUBLISHED_COLUMNS[axis]))
    if springs.shape != layout:
        raise LayerAtlasError(
            f"springs are compared on the published layout of {layout[0]} × {layout[1]} cells; "
            f"this diagram has {springs.shape[0]} × {springs.shape[1]}"
        )
    table = diagram(convexity, noisiest_first=True).transpose("negative_slope", axis)
    mine, rows = coinciding(table["negative_slope"].values, PUBLISHED_SLOPES)
    ours, columns = coinciding(table[axis].values, PUBLISHED_COLUMNS[axis])
    network = xr.DataArray(
        table.values[np.ix_(mine, ours)],
        dims=("row", "column"),
        coords={"row": rows, "column": columns},
    )
    both = xr.Dataset(
        {
            "convexity_index": network,
            "convexity_index_springs": springs.isel(row=rows, column=columns),
        }
    )
    return both.stack(cell=("row", "column"), create_index=False).transpose("cell")
