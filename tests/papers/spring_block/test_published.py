"""The published diagram, and cubes beside it."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from made.synthetic import turned

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.spring_block.published import (
    PUBLISHED_COLUMNS,
    PUBLISHED_SLOPES,
    coinciding,
    compare_with_published,
    published_panel,
    published_phase_diagram,
)


def test_published_table_is_complete_and_known(synthetic):
    published = published_phase_diagram(synthetic.REFERENCE)
    assert dict(published.sizes) == {
        "panel": 2,
        "noise_position": 8,
        "negative_slope": 6,
        "layer": 8,
    }
    for axis in ("data_noise", "dropout"):
        panel = published_panel(published, axis)
        np.testing.assert_allclose(panel[axis], PUBLISHED_COLUMNS[axis])
        curves = panel["separation_normalised"]
        np.testing.assert_allclose(curves.isel(layer=0), 1)
        np.testing.assert_allclose(curves.min("layer"), 0)
    with pytest.raises(LayerAtlasError, match="no published panel"):
        published_panel(published, "batch_size")


def test_comparison_matches_cells_by_value_and_leaves_out_the_others(synthetic):
    published = published_phase_diagram(synthetic.REFERENCE)
    same = compare_with_published(synthetic.published_cube("dropout"), published)
    assert same.sizes["cell"] == 48
    difference = same["convexity_index"] - same["convexity_index_published"]
    assert float(abs(difference).max()) < 1e-5

    mine = synthetic.theory_cube("dropout", (0.28, 0.26, 0.0), (0.0, 0.5, 1.0))
    pairs = compare_with_published(mine, published)
    cells = set(zip(pairs["dropout"].values, pairs["negative_slope"].values, strict=True))
    assert cells == {(0.28, 0.0), (0.28, 1.0), (0.0, 0.0), (0.0, 1.0)}
    here = pairs.isel(cell=int(np.argmax(pairs["dropout"].values)))
    panel = published_panel(published, "dropout").sel(
        dropout=0.28, negative_slope=float(here["negative_slope"]), method="nearest"
    )
    assert float(here["test_accuracy_percent_published"]) == float(panel["test_accuracy_percent"])

    strange = synthetic.theory_cube("dropout", (0.27, 0.01), (0.1, 0.9))
    assert compare_with_published(strange, published).sizes["cell"] == 0


def test_coordinates_stored_in_single_precision_coincide(synthetic):
    cube = synthetic.published_cube("dropout")
    nodes = {
        path: node.to_dataset(inherit=False).assign_coords(
            {name: cube[name].astype("float32") for name in ("dropout", "negative_slope")}
        )
        for path, node in cube.to_dict().items()
        for node in [xr.DataTree(node)]
    }
    published = published_phase_diagram(synthetic.REFERENCE)
    pairs = compare_with_published(xr.DataTree.from_dict(nodes), published)
    assert pairs.sizes["cell"] == 48


def test_the_order_in_which_a_cube_stores_its_axes_does_not_matter(synthetic):
    published = published_phase_diagram(synthetic.REFERENCE)
    cube = synthetic.theory_cube("dropout", (0.28, 0.26, 0.08, 0.0), (0.0, 0.5, 1.0))
    pairs = compare_with_published(cube, published)
    # The noisiest and ReLU first.
    assert list(pairs["dropout"].values) == [0.28, 0.28, 0.08, 0.08, 0.0, 0.0]
    assert list(pairs["negative_slope"].values) == [0.0, 1.0] * 3
    xr.testing.assert_identical(compare_with_published(turned(cube), published), pairs)


def test_a_grid_of_more_axes_is_refused(synthetic):
    published = published_phase_diagram(synthetic.REFERENCE)
    cube = synthetic.theory_cube("dropout", (0.28, 0.0), (0.0, 1.0))
    wide = xr.DataTree.from_dict(
        {node.path: node.to_dataset(inherit=False).expand_dims(width=[50, 100])
         for node in cube.subtree}
    )  # fmt: skip
    with pytest.raises(LayerAtlasError, match="width"):
        compare_with_published(wide, published)


@given(
    mine=st.lists(st.sampled_from((*PUBLISHED_SLOPES, 0.1, 0.5)), unique=True),
    theirs=st.lists(st.sampled_from((*PUBLISHED_SLOPES, 0.3)), unique=True),
)
def test_coinciding_is_two_loops(mine, theirs):
    expected = [(i, j) for i, a in enumerate(mine) for j, b in enumerate(theirs) if a == b]
    single = np.array(mine, "f4")
    assert list(zip(*coinciding(single, np.array(theirs)), strict=True)) == expected
