"""Cells of networks and springs correspond by their published place."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.synthetic import turned

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.beside_springs import beside_springs, spring_runs, spring_table


def test_cells_are_matched_by_their_published_place(simulated, synthetic):
    springs = spring_table(simulated.cube("spring_phase_diagram"))
    assert springs.shape == (6, 8)
    # Row 0 has the most friction, column 0 the most noise.
    assert springs[5, 0] > springs[0, 0] > 0 > springs[0, 7]
    values = (0.0, 0.08, 0.28, 0.5)
    cube = synthetic.theory_cube("dropout", values, (1.0, 0.2))
    both = beside_springs(load_curves.convexity_index(load_curves.load_curve(cube)), springs)
    # 0.5 is not published; 0.28, 0.08 and 0 are columns 0, 5 and 7, slopes 0.2 and 1 rows 1 and 5.
    assert sorted(zip(both["row"].values, both["column"].values, strict=True)) == [
        (1, 0), (1, 5), (1, 7), (5, 0), (5, 5), (5, 7),
    ]  # fmt: skip
    for cell in range(6):
        one = both.isel(cell=cell)
        assert one["convexity_index_springs"] == springs[int(one["row"]), int(one["column"])]
    ci = load_curves.convexity_index(load_curves.load_curve(cube))
    here = both.isel(cell=(both["row"] == 5).values & (both["column"] == 5).values)
    assert float(here["convexity_index"].item()) == pytest.approx(
        float(ci.sel(dropout=0.08, negative_slope=1.0)), abs=1e-12
    )


def test_runs_are_laid_out_as_the_cells_that_they_are_behind(simulated):
    cube = simulated.cube("spring_phase_diagram").copy()
    status = cube.to_dataset()["status"].copy(deep=True)
    # The most friction and the most noise: the first row and column.
    axes = ("friction_right", "noise_strength")
    strongest = {axis: int(cube[axis].values.argmax()) for axis in axes}
    status[{**strongest, "seed": 0}] = 1
    cube.dataset = cube.to_dataset().assign(status=status)
    runs = spring_runs(cube)
    assert runs.shape == (6, 8) and int(runs[0, 0]) == 19
    assert int(runs.sum()) == 20 * 48 - 1


def test_the_order_of_either_cube_does_not_matter(simulated, synthetic):
    springs = simulated.cube("spring_phase_diagram")
    table = spring_table(springs)
    xr.testing.assert_identical(spring_table(turned(springs)), table)
    cube = synthetic.theory_cube("batch_size", (20, 1280, 80), (0.0, 1.0, 0.4))
    ours, theirs = (
        beside_springs(load_curves.convexity_index(load_curves.load_curve(c)), table)
        for c in (cube, turned(cube))
    )
    xr.testing.assert_identical(ours, theirs)


def test_other_layouts_are_refused(simulated, synthetic):
    cube = synthetic.theory_cube("dropout", (0.28, 0.0), (0.0, 1.0))
    ci = load_curves.convexity_index(load_curves.load_curve(cube))
    with pytest.raises(LayerAtlasError, match="6 × 8 cells; this diagram has 2 × 2"):
        beside_springs(ci, xr.DataArray(np.zeros((2, 2)), dims=("row", "column")))
    with pytest.raises(LayerAtlasError, match="friction_right"):
        spring_table(simulated.cube("folding_ruler"))
