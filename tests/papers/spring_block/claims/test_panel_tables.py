"""Tables of a panel: laid out by noise, and what its grid lacks."""

from __future__ import annotations

import numpy as np
import pytest
from made.synthetic import turned

from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.claims.panel_tables import (
    ENDS,
    PanelTables,
    panel_tables,
    too_few,
)
from layeratlas.papers.spring_block.panels import PANELS

DROPOUT = PANELS[2]


def test_columns_run_from_the_least_noise_to_the_most(laptop):
    for panel in panel_tables(laptop):
        cube = laptop[panel.panel.experiment]
        ci = load_curves.convexity_index(load_curves.load_curve(cube))
        least, most = ENDS[panel.noise]
        assert panel.at(0.4, "least") == float(ci.sel({panel.noise: least, "negative_slope": 0.4}))
        assert panel.at(0.4, "most") == float(ci.sel({panel.noise: most, "negative_slope": 0.4}))
        assert panel.convexity.dims == panel.accuracy.dims == panel.cells
        assert list(panel.slopes) == [0.0, 0.4, 1.0]


def test_tables_do_not_depend_on_the_order_of_the_cube(laptop):
    for panel in panel_tables(laptop):
        other = PanelTables(panel.panel, turned(panel.cube))
        assert panel.convexity.identical(other.convexity)
        assert panel.accuracy.identical(other.accuracy)


@pytest.mark.parametrize(
    ("values", "slopes", "profile"),
    [
        (PANELS[2].noise, None, "full"),
        ((0.28, 0.16, 0.0), None, "reduced"),
        (PANELS[2].noise, (0.0, 0.4, 1.0), "reduced"),
    ],
)
def test_a_grid_is_full_that_holds_all_published_cells(synthetic, values, slopes, profile):
    columns = synthetic.PUBLISHED_GRID["dropout"] if isinstance(values, str) else values
    cube = synthetic.theory_cube("dropout", (*columns, 0.5), slopes or synthetic.PUBLISHED_SLOPES)
    panel = PanelTables(DROPOUT, cube)
    assert panel.profile == profile
    rows, columns = panel.published_cells()
    assert 0.5 not in panel.columns[columns]
    assert len(rows) == len(slopes or synthetic.PUBLISHED_SLOPES)


def test_what_a_grid_lacks_is_told(synthetic):
    panel = PanelTables(DROPOUT, synthetic.theory_cube("dropout", (0.28, 0.04), (0.0, 1.0)))
    assert panel.lacks_slope(0) is panel.lacks_end("most") is None
    assert panel.lacks_slope(0.4) == "the grid has no negative slope 0.4"
    assert panel.lacks_end("least", "most") == (
        "the least noisy column is dropout 0.04; the statement is about 0"
    )
    assert too_few(3, "cells") is None
    assert too_few(2, "cells") == "2 cells: a rank correlation needs at least 3"


def test_the_cell_of_lost_runs_has_no_value(diverged, laptop):
    cube = diverged(laptop["phase_diagram_dropout"], 0, 0)
    panel = PanelTables(DROPOUT, cube)
    # The first column of the cube is its noisiest, the last of the table.
    assert np.isnan(panel.at(0, "most"))


def test_what_each_seed_adds_is_beside_the_mean(diverged, laptop):
    cube = diverged(laptop["phase_diagram_dropout"], 0, 0, seeds=1)
    panel = PanelTables(DROPOUT, cube)
    cells = panel.row_cells(0)
    assert cells.name(0) == "dropout 0" and cells.seeds.shape == (3, 4)
    assert np.isnan(cells.seeds).sum() == 1 and np.isnan(cells.seeds[1, -1])
    assert (panel.runs_of(0), panel.runs_of(0, "most"), panel.runs_of(0, "least")) == (11, 2, 3)
    assert int(panel.runs.sum()) == 35
    # Seeds of these cubes do not differ.
    np.testing.assert_allclose(cells.seeds[0], cells.values, rtol=1e-5)


def test_networks_trained_on_too_little_decide_nothing(synthetic):
    few = PanelTables(DROPOUT, synthetic.theory_cube("dropout", (0.28, 0.0), (0.0,), n_train=640))
    assert "640 training images" in (few.too_small or "")
    assert few.lacks_slope(0) == few.lacks_slope(0.4) == few.too_small
