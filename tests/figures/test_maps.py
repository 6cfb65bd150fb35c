"""Maps of any metric, read back from their artists."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.readable import check_readable

from layeratlas.cubes import selecting
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import maps, style
from layeratlas.figures.origin import origin
from layeratlas.runs.status import DIVERGED


def panels(figure):
    """Axes that hold a panel, without the colour bars."""
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_map_states_what_it_averages_over(grids):
    cube = grids["3x4"]["phase_diagram_learning_rate"]
    figure = maps.metric_map(cube, "layer", "negative_slope", metric="data_separation")
    title = figure.get_suptitle().replace("\n", " ")
    assert "epoch 100, batch norm with running statistics" in title
    assert "mean over learning rate (4) and seed (3)" in title
    (image,) = panels(figure)[0].get_images()
    expected = selecting.final(cube["layers"]["data_separation"]).mean(["learning_rate", "seed"])
    drawn = np.asarray(image.get_array())
    np.testing.assert_allclose(
        drawn, expected.transpose("negative_slope", "layer").values[::-1], rtol=1e-6
    )
    assert labels(panels(figure)[0].yaxis) == ["1", "0.4", "0"]  # bottom to top
    check_readable(figure)


def test_a_map_tells_what_it_is_of(grids):
    cube = grids["3x4"]["phase_diagram_learning_rate"]
    told = style.noted(maps.metric_map(cube, metric="test_accuracy"))
    assert told == origin({"cube": cube})
    assert "seeds" in told and told.startswith("Preset ")


def test_map_of_a_layered_metric_has_one_panel_a_layer(grids):
    cube = grids["6x8"]["phase_diagram_dropout"]
    figure = maps.metric_map(cube, metric="data_separation")
    shown = [axes for axes in panels(figure) if axes.get_images()]
    assert [axes.get_title() for axes in shown][::8] == ["0: input", "8: logits"]
    assert len({axes.get_images()[0].get_clim() for axes in shown}) == 1
    check_readable(figure)


@pytest.mark.parametrize("grid", ["6x8", "3x4", "2x2"])
def test_maps_of_any_grid_are_readable(grids, grid):
    cube = grids[grid]["phase_diagram_batch_size"]
    check_readable(maps.metric_map(cube, metric="test_accuracy"))
    check_readable(maps.metric_map(cube, "batch_size", "epoch", metric="data_separation"))


def test_map_hatches_lost_cells(synthetic):
    cube = synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)[
        "phase_diagram_learning_rate"
    ]
    root = cube["/"].to_dataset()
    status = root["status"].copy(deep=True)
    status[0, 0, :] = DIVERGED
    cube["/"].dataset = root.assign(status=status)
    figure = maps.metric_map(cube, metric="test_accuracy")
    (cell,) = panels(figure)[0].patches
    assert cell.get_xy() == (-0.5, 1.5)  # noisiest at the left, ReLU at the top


def lacking(cube, *runs):
    """The cube with these runs, (learning rate, slope, seed), diverged."""
    root = cube["/"].to_dataset()
    status = root["status"].copy(deep=True)
    for run in runs:
        status[run] = DIVERGED
    cube["/"].dataset = root.assign(status=status)
    return cube


@pytest.fixture
def rates(synthetic):
    cubes = synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)
    return cubes["phase_diagram_learning_rate"]


def test_a_mean_tells_how_many_of_how_many(rates):
    whole = maps.metric_map(rates, metric="test_accuracy")
    title = whole.get_suptitle().replace("\n", " ")
    assert title.endswith("mean over seed (3)")
    assert not panels(whole)[0].texts
    figure = maps.metric_map(lacking(rates, (0, 0, 0), (1, 1)), metric="test_accuracy")
    title = figure.get_suptitle().replace("\n", " ")
    assert "mean over seed (3), of 0 to 3 of 3 values each" in title
    (count,) = panels(figure)[0].texts
    assert count.get_text() == "2/3"
    check_readable(figure)


def test_the_map_of_status_shows_what_is_lost(rates):
    figure = maps.metric_map(lacking(rates, (0, 0, 0), (1, 1)), metric="status")
    (axes,) = panels(figure)
    shares = sorted(drawn(axes).ravel().tolist())
    assert shares[-2:] == pytest.approx([1 / 3, 1])
    assert not any(shares[:-2])
    assert not axes.patches and not axes.texts
    assert "share of runs that are not ok" in figure.get_suptitle()


def test_map_refuses_what_is_not_there(grids):
    cube = grids["2x2"]["phase_diagram_dropout"].copy()
    with pytest.raises(LayerAtlasError, match="no variable 'sharpness'"):
        maps.metric_map(cube, metric="sharpness")
    with pytest.raises(LayerAtlasError, match="no axis 'width'"):
        maps.metric_map(cube, "width", metric="test_accuracy")
    cube["/"].dataset = cube["/"].to_dataset().assign(run_id=("seed", ["3f2a"]))
    with pytest.raises(LayerAtlasError, match="not numbers"):
        maps.metric_map(cube, metric="run_id")
    with pytest.raises(LayerAtlasError, match="two different"):
        maps.metric_map(cube, "dropout", "dropout", metric="test_accuracy")


# --- networks that differ in their layers ----------------------------------------------------

NAMES = {2: ["input", "hidden_1", "logits", ""], 3: ["input", "hidden_1", "hidden_2", "logits"]}


def mixed(*, old: bool = False) -> xr.DataTree:
    """Depths 2 and 3 × dropout × seed; the metric is 10 · depth + layer. One cell is lost.

    `old`: layers named after the deepest network, as earlier versions wrote them.
    """
    depth = xr.DataArray([2, 3], dims="depth")
    dropout = xr.DataArray([0.0, 0.1], dims="dropout")
    seed = xr.DataArray([0, 0], dims="seed")
    layer = xr.DataArray(np.arange(4), dims="layer")
    value = (10 * depth + 0 * dropout + seed + layer).astype("f4").where(layer <= depth)
    axes = {"depth": depth.values, "dropout": dropout.values, "seed": [1, 2]}
    n_layers = (depth + 1 + 0 * dropout + seed).astype("f4").transpose(*axes)
    status = xr.zeros_like(n_layers, dtype="i1").copy()
    status[0, 1] = DIVERGED
    names = ("layer", NAMES[3]) if old else (("depth", "layer"), [NAMES[2], NAMES[3]])
    layers = xr.Dataset(
        {"D": value.transpose(*axes, "layer"), "n_layers": n_layers},
        coords={"layer": layer.values, "layer_name": names},
    )
    root = xr.Dataset({"status": status}, coords=axes)
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


def shown(figure):
    return {axes.get_title(): axes for axes in panels(figure) if axes.get_images()}


def drawn(axes):
    return np.asarray(axes.get_images()[0].get_array().filled(np.nan))


@pytest.mark.parametrize("old", [False, True], ids=["new", "old"])
def test_layers_stand_under_each_networks_own_names(old):
    figure = maps.metric_map(mixed(old=old), "depth", "dropout", metric="D")
    seen = shown(figure)
    assert list(seen) == ["input", "hidden 1", "hidden 2", "logits"]
    # Rows: dropout 0.1 is noisier and at the top. Diverged: depth 2, dropout 0.1.
    np.testing.assert_array_equal(drawn(seen["logits"]), [[22, 33], [np.nan, 33]])
    np.testing.assert_array_equal(drawn(seen["hidden 2"]), [[np.nan, 32], [np.nan, 32]])
    # A failed run is hatched, a layer that is not there is not.
    assert [p.get_xy() for p in seen["logits"].patches] == [(-0.5, 0.5)]
    assert not seen["hidden 2"].patches
    assert "each layer of the networks that have it" in figure.get_suptitle().replace("\n", " ")
    check_readable(figure)


def test_means_over_depths_are_over_layers_of_one_name():
    figure = maps.metric_map(mixed(), "dropout", "layer", metric="D")
    (axes,) = panels(figure)
    assert labels(axes.yaxis) == ["input", "hidden 1", "hidden 2", "logits"]
    # Left: dropout 0.1, without depth 2. The logits are the last of each network.
    np.testing.assert_array_equal(drawn(axes), [[30, 25], [31, 26], [32, 32], [33, 27.5]])
    assert not axes.patches


def test_depth_against_layer_keeps_the_layers_number():
    figure = maps.metric_map(mixed(), "layer", "depth", metric="D")
    (axes,) = panels(figure)
    assert labels(axes.xaxis) == ["0", "1", "2", "3"]
    np.testing.assert_array_equal(drawn(axes), [[20, 21, 22, np.nan], [30, 31, 32, 33]])
    assert not axes.patches


def test_text_keeps_the_order_of_the_grid_and_needs_no_symbol():
    cube = mixed()
    named = {
        node.path: node.to_dataset(inherit=False).rename(dropout="scaling") for node in cube.subtree
    }
    named["/"] = named["/"].assign_coords(scaling=["ntk", "fsc"])
    figure = maps.metric_map(xr.DataTree.from_dict(named), "scaling", "depth", metric="D")
    figure.draw_without_rendering()
    assert labels(shown(figure)["logits"].xaxis) == ["ntk", "fsc"]
    assert shown(figure)["hidden 2"].get_xlabel() == "hyper-parameter scaling"


@pytest.mark.parametrize("turned", [False, True])
def test_noise_grows_to_the_left_however_it_is_stored(grids, turned):
    cube = grids["3x4"]["phase_diagram_dropout"]
    if turned:
        cube = xr.DataTree.from_dict(
            {n.path: n.to_dataset(inherit=False).sortby("dropout") for n in cube.subtree}
        )
    figure = maps.metric_map(cube, metric="test_accuracy")
    (axes,) = panels(figure)
    assert labels(axes.xaxis) == ["0.28", "0.16", "0.08", "0"]
    mean = selecting.mean_accuracy(cube).sortby("dropout", ascending=False) / 100
    expected = mean.sortby("negative_slope", ascending=False).transpose("negative_slope", "dropout")
    np.testing.assert_allclose(drawn(axes), expected, rtol=1e-6)


def test_a_map_of_views_shows_the_training_images_unless_asked():
    values = np.arange(8.0).reshape(2, 2, 2)
    data = xr.Dataset(
        {"spread": (("dropout", "width", "view"), values, {"long_name": "spread " * 20})},
        {
            "dropout": ("dropout", [0.0, 0.1], {"varies": "model.dropout"}),
            "width": ("width", [8, 12], {"varies": "model.width"}),
            "view": ["test", "train"],
            "view_split": ("view", ["test", "train"]),
        },
    )
    for view, shown in ((None, "train"), ("test", "test")):
        figure = maps.metric_map(data, metric="spread", view=view)
        assert f"view {shown}" in figure.get_suptitle()
        (image,) = figure.axes[0].images
        expected = values[..., ["test", "train"].index(shown)]
        assert sorted(image.get_array().ravel()) == sorted(expected.ravel())
    bar = figure.axes[-1]
    figure.draw_without_rendering()
    box = bar.yaxis.label.get_window_extent()
    assert box.y0 >= 0 and box.y1 <= figure.bbox.y1, "the words of the bar are cut"


def test_affine_maps_go_by_their_names():
    data = xr.Dataset(
        {"nfc": (("dropout", "width", "affine"), np.ones((2, 2, 2)))},
        {"dropout": [0.0, 0.1], "width": [8, 12], "affine": [0, 1],
         "affine_name": ("affine", ["query", "read_out"])},
    )  # fmt: skip
    figure = maps.metric_map(data, x="dropout", y="width", metric="nfc")
    assert [axes.get_title() for axes in figure.axes[:2]] == ["query", "read out"]
