"""Numbers of layers along training, however a cube stores them."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.correlated import START, STEPS, chain_cube
from made.turned import backwards

from layeratlas.errors import LayerAtlasError
from layeratlas.papers.nfa import curves


@pytest.fixture(scope="module")
def cube():
    return chain_cube(status=lambda init_gain, seed, **at: int(init_gain == 2 and seed == 3))


def test_layers_are_maps_of_the_main_path_counted_from_0(cube):
    found = curves.curve(cube, "uc_nfc")
    assert found.dims == ("init_gain", "seed", "record", "layer")
    assert list(found["layer"].values) == [0, 1, 2]
    assert list(found["layer_name"].values) == ["hidden_1", "hidden_2", "logits"]
    assert list(found["record"].values) == list(STEPS)
    start = curves.at(found, "init").sel(init_gain=0.25, seed=1)
    np.testing.assert_allclose(start, START + 0.001, rtol=1e-6)


def test_runs_that_are_not_ok_have_no_numbers(cube):
    lost = curves.curve(cube, "uc_nfc").sel(init_gain=2.0)
    assert lost.sel(seed=3).isnull().all() and lost.sel(seed=1).notnull().all()
    assert curves.evaluated(cube, "train_loss").sel(init_gain=2.0, seed=3).isnull().all()
    assert curves.steps(cube).sel(init_gain=2.0, seed=3).isnull().all()


def test_the_order_of_stored_axes_does_not_matter(cube):
    for of in (
        lambda c: curves.curve(c, "c_nfc"),
        lambda c: curves.evaluated(c, "train_loss"),
        curves.steps,
    ):
        xr.testing.assert_identical(of(backwards(cube)), of(cube))


@pytest.mark.parametrize("each", [1, 5])
def test_a_run_that_stopped_ends_at_its_own_step(cube, each):
    """`each`: steps an epoch."""
    root = cube["/"].to_dataset()
    stopped = cube.copy(deep=True)
    stopped.dataset = root.assign(
        reached=root["reached"].where(root["label"] != "final", 0),
        epochs_run=(root["epochs_run"] - 100) / each,
        record_epoch=root["record_epoch"] / each,
    )
    found = curves.steps(stopped).isel(init_gain=0, seed=0)
    assert found.sel(record="final") == 800 and found.sel(record="step 30") == 30


def test_epochs_have_a_beginning_and_an_end():
    found = xr.DataArray([1.0, 2.0, 3.0], dims="epoch", coords={"epoch": [0, 5, 9]})
    assert curves.at(found, "init") == 1 and curves.at(found, "final") == 3


def test_what_is_not_there_is_refused(cube):
    with pytest.raises(LayerAtlasError, match="was not kept"):
        curves.at(curves.curve(cube, "uc_nfc"), "step 7")
    with pytest.raises(LayerAtlasError, match="no number of affine maps"):
        curves.curve(cube, "train_loss")
