"""Numbers of layers out of a cube, by the paper's count of layers."""

from __future__ import annotations

import numpy as np
import pytest
from made.turned import backwards

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.signal_propagation import profiles
from layeratlas.papers.signal_propagation.profiles import came, layer_count, profile


def numbered(count, seeds=2):
    """seed + record/10 + view/100 + map/1000, so that every number tells its place."""
    grid = np.meshgrid(np.arange(seeds), np.arange(3), np.arange(2), np.arange(count),
                       indexing="ij")  # fmt: skip
    return sum(g / 10**i for i, g in enumerate(grid))


def of_depths(made_cube, **more):
    points = {(4,): numbered(4), (2,): numbered(2)}
    return made_cube({"alignment": points}, {"depth": [2, 4]}, seeds=2, **more)


def test_layers_count_from_one_and_end_where_the_network_does(made_cube):
    found = profile(of_depths(made_cube), "alignment", "test", "final")
    assert found.dims == ("depth", "seed", "layer")
    assert found["layer"].values.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(
        found.sel(depth=4, seed=2), 1 + 0.2 + 0.01 + np.arange(4) / 1000, rtol=1e-6
    )
    assert np.isnan(found.sel(depth=2, layer=[3, 4])).all()
    assert layer_count(found).sel(depth=[2, 4]).values.tolist() == [2, 4]
    default = profile(of_depths(made_cube), "alignment")
    np.testing.assert_allclose(default.sel(depth=4, seed=1), 0.1 + np.arange(4) / 1000, rtol=1e-5)


def test_shortcuts_and_scales_are_no_layers(made_cube):
    maps = [("stem", "conv", True), ("norm", "scale", True), ("a", "conv", True),
            ("cut", "conv", False), ("head", "dense", True)]  # fmt: skip
    cube = made_cube({"alignment": {("r",): numbered(5), ("m",): numbered(2)}},
                     {"network": ["r", "m"]}, seeds=2, kinds={("r",): maps})  # fmt: skip
    found = profile(cube, "alignment", record="init")
    assert found["layer_name"].sel(network="r").values.tolist() == ["stem", "a", "head"]
    np.testing.assert_allclose(found.sel(network="r", seed=1), [0, 0.002, 0.004], rtol=1e-6)
    assert layer_count(found).sel(network=["r", "m"]).values.tolist() == [3, 2]


def test_runs_that_did_not_come_there_have_no_number(made_cube):
    reached = np.ones((2, 2, 3))
    reached[1, 0, 1] = 0
    cube = of_depths(made_cube, reached=reached)
    assert np.isnan(profile(cube, "alignment").sel(depth=4, seed=1)).all()
    assert np.isfinite(profile(cube, "alignment").sel(depth=4, seed=2)).all()
    assert np.isfinite(profile(cube, "alignment", record="init").sel(depth=4)).all()
    assert not came(cube, "mark_0.1").sel(depth=4, seed=1)
    root = cube.to_dataset()
    status = root["status"].copy(deep=True)
    status[1, 1] = 1
    cube.dataset = root.assign(status=status)
    assert np.isnan(profile(cube, "alignment").sel(depth=4)).all()


def test_the_order_of_stored_axes_does_not_show(made_cube):
    cube = of_depths(made_cube)
    one, other = profile(cube, "alignment"), profile(backwards(cube), "alignment")
    np.testing.assert_array_equal(one.values, other.values)
    assert other["depth"].values.tolist() == [2, 4] and other["seed"].values.tolist() == [1, 2]


def test_a_cube_of_epochs_has_two_moments_with_a_name(made_cube):
    cube = of_depths(made_cube)
    affine = cube["affine"].to_dataset(inherit=False).drop_vars(["label"])
    affine = affine.rename(record="epoch").assign_coords(epoch=[0, 5, 9])
    cube["affine"] = affine
    root = cube.to_dataset().drop_vars(["reached", "label", "record", "record_epoch",
                                        "record_step"])  # fmt: skip
    cube.dataset = root
    assert profile(cube, "alignment", record="init").sel(depth=4, seed=2, layer=1) == 1.0
    last = profile(cube, "alignment", record="final").sel(depth=4, seed=2, layer=1)
    assert float(last) == pytest.approx(1.2)
    with pytest.raises(LayerAtlasError, match="counts epochs"):
        profile(cube, "alignment")
    assert came(cube, "init").all()


def test_what_is_not_there_is_told(made_cube):
    cube = of_depths(made_cube)
    with pytest.raises(LayerAtlasError, match="no variable 'alignement'"):
        profile(cube, "alignement")
    with pytest.raises(LayerAtlasError, match="record 'mark_1' was not kept"):
        profile(cube, "alignment", record="mark_1")
    with pytest.raises(LayerAtlasError, match="view 'held_out' was not measured"):
        profile(cube, "alignment", "held_out")
    with pytest.raises(LayerAtlasError, match="is no number of affine maps"):
        profile(cube, "test_accuracy")
    with pytest.raises(LayerAtlasError, match="record 'mark_1' was not kept"):
        came(cube, "mark_1")


def test_words_keep_their_order(made_cube):
    cube = made_cube({"alignment": {("b",): numbered(2), ("a",): numbered(2)}},
                     {"network": ["b", "a"]}, seeds=2)  # fmt: skip
    assert profiles.ascending(profile(cube, "alignment"))["network"].values.tolist() == ["b", "a"]
