"""A panel of the phase diagram as claims see it.

Two grids are told apart by the coordinates of a cube, not by the name of its preset: *full* holds
all published rows and columns, everything else is *reduced*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import xarray as xr

from layeratlas.claims.orders import Cells, CellTable
from layeratlas.claims.spread import pseudo_values
from layeratlas.cubes import selecting
from layeratlas.cubes.size import too_small
from layeratlas.cubes.statistics import mean_over
from layeratlas.papers.given import Cubes
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.layout import diagram
from layeratlas.papers.spring_block.noise import (
    NOISE_GROWS_WITH_VALUE,
    noise_rank,
    order_by_noise,
)
from layeratlas.papers.spring_block.panels import PANELS, Panel
from layeratlas.papers.spring_block.published import (
    PUBLISHED_COLUMNS,
    PUBLISHED_SLOPES,
    coinciding,
)

SOURCE = "arXiv 2407.19353, noise–nonlinearity phase diagram"

#: (least, most) noise an axis must reach for statements about its ends: those of the reduced grid.
ENDS = {
    "data_noise": (0.0, 0.7),
    "learning_rate": (1e-4, 1e-1),
    "dropout": (0.0, 0.28),
    "batch_size": (1280, 20),
}


#: Where an end of the noise axis is.
_COLUMN = {"least": 0, "most": -1}


@dataclass(frozen=True)
class PanelTables:
    """Tables of a cube over (noise, slope), the least stochastic column first, whatever its order.

    Read from the cube when first asked for.
    """

    panel: Panel
    cube: xr.DataTree = field(repr=False)
    variable: str = "data_separation"

    @property
    def letter(self) -> str:
        return self.panel.letter

    @property
    def subject(self) -> str:
        return self.panel.subject

    @property
    def noise(self) -> str:
        return self.panel.noise

    @cached_property
    def curves(self) -> xr.DataArray:
        """Load curves of the seed mean, (noise, slope, layer)."""
        return mean_over(self._runs, "seed")

    @cached_property
    def convexity(self) -> xr.DataArray:
        """Convexity index of `curves`."""
        return load_curves.convexity_index(self.curves)

    @cached_property
    def distance(self) -> xr.DataArray:
        """How far the load is from even: |CI|."""
        return abs(self.convexity)

    @cached_property
    def rises(self) -> xr.DataArray:
        """D_l − D_(l−1) of `curves`, range-normalised, (noise, slope, layer)."""
        return _rises(self.curves).transpose(*self.cells, "layer")

    @cached_property
    def accuracy(self) -> xr.DataArray:
        """Test accuracy in percent, mean over seeds."""
        return mean_over(self.accuracies, "seed")

    @cached_property
    def runs(self) -> xr.DataArray:
        """How many runs are behind each of `curves`, (noise, slope)."""
        return load_curves.whole_runs(self._runs)

    def by_seed(self, reduction: Callable[[xr.DataArray], xr.DataArray]) -> xr.DataArray:
        """What each seed adds to a reduction of `curves`, with the dim seed (`pseudo_values`)."""
        if reduction not in self._by_seed:
            self._by_seed[reduction] = pseudo_values(self._runs, reduction, "layer")
        return self._by_seed[reduction]

    @cached_property
    def _by_seed(self) -> dict[Callable[[xr.DataArray], xr.DataArray], xr.DataArray]:
        return {}

    @cached_property
    def _runs(self) -> xr.DataArray:
        return diagram(load_curves.load_curve(self.cube, variable=self.variable, over=None))

    @cached_property
    def convexities(self) -> xr.DataArray:
        """`convexity`, as `by_seed`."""
        return self.by_seed(load_curves.convexity_index)

    @cached_property
    def distances(self) -> xr.DataArray:
        """`distance`, as `by_seed`."""
        return self.by_seed(_distance)

    @cached_property
    def convexity_cells(self) -> CellTable:
        """`convexity` with `convexities`."""
        return CellTable.of(self.convexity, self.convexities, self.cells)

    @cached_property
    def distance_cells(self) -> CellTable:
        """`distance` with `distances`."""
        return CellTable.of(self.distance, self.distances, self.cells)

    @cached_property
    def accuracy_cells(self) -> CellTable:
        """`accuracy` with `accuracies`."""
        return CellTable.of(self.accuracy, self.accuracies, self.cells)

    @cached_property
    def rises_by_seed(self) -> xr.DataArray:
        """`rises`, as `by_seed`."""
        return self.by_seed(_rises).transpose("seed", *self.cells, "layer")

    @cached_property
    def accuracies(self) -> xr.DataArray:
        """Test accuracy in percent of every seed."""
        return diagram(selecting.accuracy(self.cube))

    @property
    def cells(self) -> tuple[str, str]:
        return (self.noise, "negative_slope")

    @cached_property
    def columns(self) -> np.ndarray:
        return order_by_noise(self._axis(self.noise)).values

    @cached_property
    def noise_ranks(self) -> np.ndarray:
        """Of `columns`, how noisy each is: ascending."""
        return noise_rank(order_by_noise(self._axis(self.noise))).values

    @cached_property
    def slopes(self) -> np.ndarray:
        return np.sort(self._axis("negative_slope").values)

    def _axis(self, name: str) -> xr.DataArray:
        # Of the cube, not of a table: what a statement needs of the grid is asked before any is
        # made.
        return self.cube["layers"].dataset[name]

    @property
    def profile(self) -> str:
        """`full` where all published rows and columns are there, else `reduced`."""
        rows, columns = self.published_cells()
        full = len(rows) == len(PUBLISHED_SLOPES) and len(columns) == len(
            PUBLISHED_COLUMNS[self.noise]
        )
        return "full" if full else "reduced"

    def published_cells(self) -> tuple[list[int], list[int]]:
        """Indices of the slopes and of the columns that are published, ascending."""
        rows, _ = coinciding(self.slopes, PUBLISHED_SLOPES)
        columns, _ = coinciding(self.columns, PUBLISHED_COLUMNS[self.noise])
        return sorted(rows), sorted(columns)

    @property
    def published_at(self) -> dict[str, list[int]]:
        """`published_cells` by dim, for `isel`."""
        rows, columns = self.published_cells()
        return {self.noise: columns, "negative_slope": rows}

    def at(self, slope: float, end: str) -> float:
        """CI of a row at the "least" or the "most" noise."""
        return float(self.row(slope)[_COLUMN[end]])

    def row(self, slope: float) -> np.ndarray:
        """CI along the noise axis, least stochastic first."""
        return self.convexity.isel(negative_slope=self._index(slope)).values

    def row_cells(self, slope: float) -> Cells:
        """`row`, and what each seed adds to it."""
        return self.convexity_cells.cells(negative_slope=self._index(slope))

    def runs_of(self, slope: float, end: str | None = None) -> int:
        """Runs behind a row, or behind its cell at an end of the noise axis."""
        runs = self.runs.isel(negative_slope=self._index(slope)).values
        return int(runs.sum() if end is None else runs[_COLUMN[end]])

    def _index(self, slope: float) -> int:
        return int(np.flatnonzero(np.isclose(self.slopes, slope))[0])

    @cached_property
    def too_small(self) -> str | None:
        """Why statements about trained networks cannot be decided: thresholds are of the paper's.

        Its own are trained for 100 epochs, on 1000 images in panel a and 2560 in the others.
        """
        return too_small(self.cube, images=1000, epochs=100)

    def lacks_slope(self, slope: float) -> str | None:
        """Why statements about a row cannot be decided on this grid."""
        if self.too_small or np.isclose(self.slopes, slope).any():
            return self.too_small
        return f"the grid has no negative slope {slope:g}"

    def lacks_end(self, *ends: str) -> str | None:
        """Why statements about the ends of the noise axis cannot be decided on this grid."""
        reached = {"least": self.columns[0], "most": self.columns[-1]}
        needed = dict(zip(("least", "most"), ENDS[self.noise], strict=True))
        sign = 1 if NOISE_GROWS_WITH_VALUE[self.noise] else -1
        for end in ends:
            excess = sign * (float(reached[end]) - needed[end]) * (1 if end == "most" else -1)
            if excess < -1e-6 * max(abs(needed[end]), 1e-3):
                return (
                    f"the {end} noisy column is {self.noise} {float(reached[end]):g}; "
                    f"the statement is about {needed[end]:g}"
                )
        return None


def _distance(curves: xr.DataArray) -> xr.DataArray:
    return abs(load_curves.convexity_index(curves))


def _rises(curves: xr.DataArray) -> xr.DataArray:
    return -load_curves.loads(load_curves.range_normalised(curves))


def panel_tables(cubes: Cubes, variable: str = "data_separation") -> list[PanelTables]:
    """The tables of every panel whose cube is given, in the order of the figure."""
    return [
        PanelTables(panel, cubes[panel.experiment], variable)
        for panel in PANELS
        if panel.experiment in cubes
    ]


def too_few(count: int, what: str) -> str | None:
    """Why a rank correlation over `count` of something cannot be decided."""
    return f"{count} {what}: a rank correlation needs at least 3" if count < 3 else None
