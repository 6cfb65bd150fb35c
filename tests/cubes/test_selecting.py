"""What is selected from a cube, and what is left out of it."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.cubes import selecting
from layeratlas.errors import LayerAtlasError
from layeratlas.runs.status import DIVERGED, EXPLODED, MISSING, OK


def test_accuracy_is_in_percent(synthetic):
    cube = synthetic.published_cube("data_noise")
    accuracy = selecting.mean_accuracy(cube)
    assert float(accuracy.min()) == pytest.approx(83.4, abs=1e-3)
    assert float(accuracy.max()) == pytest.approx(92.1, abs=1e-3)
    assert accuracy.attrs["units"] == "percent"


@pytest.fixture
def cube() -> xr.DataTree:
    """Dropout × seed; values count up along everything that was measured."""
    axes = ("dropout", "seed")
    status = np.array([[OK, DIVERGED], [OK, OK], [MISSING, EXPLODED]], "i1")
    root = xr.Dataset(
        {"status": (axes, status)}, coords={"dropout": [0.0, 0.1, 0.2], "seed": [1, 2]}
    )
    values = np.arange(3 * 2 * 3 * 2.0).reshape(3, 2, 3, 2)
    evaluation = xr.Dataset(
        {"test_accuracy": ((*axes, "epoch", "batch_norm_mode"), values / 100)},
        coords={
            "epoch": [0, 5, 9],
            "batch_norm_mode": ["batch_statistics", "running_statistics"],
        },
    )
    network = xr.Dataset(
        {"speed": ((*axes, "derivative"), values[:, :, 0])},
        coords={"derivative": ["finite_step", "exact"]},
    )
    return xr.DataTree.from_dict({"/": root, "/evaluation": evaluation, "/network": network})


def test_final_takes_the_last_moment_and_the_published_mode(cube):
    array = cube["evaluation/test_accuracy"]
    chosen = selecting.final(array)
    assert chosen.dims == ("dropout", "seed")
    xr.testing.assert_equal(chosen, array.isel(epoch=-1, batch_norm_mode=1, drop=True))
    first = selecting.final(array, epoch=0, batch_norm_mode="batch_statistics")
    xr.testing.assert_equal(first, array.isel(epoch=0, batch_norm_mode=0, drop=True))
    assert selecting.final(array, keep_epochs=True).dims == ("dropout", "seed", "epoch")
    exact = selecting.final(cube["network/speed"])
    xr.testing.assert_equal(exact, cube["network/speed"].sel(derivative="exact", drop=True))
    with pytest.raises(LayerAtlasError, match="epoch 7 was not recorded"):
        selecting.final(array, epoch=7)


def test_recorded_is_found_in_any_node_without_runs_that_failed(cube):
    found = selecting.recorded(cube, "test_accuracy")
    failed = cube["status"] != OK
    assert found.isnull().equals(failed.broadcast_like(found))
    assert selecting.recorded(cube, "speed").dims == ("dropout", "seed", "derivative")
    assert selecting.recorded(cube["network"].to_dataset(), "speed").notnull().all()
    with pytest.raises(LayerAtlasError, match=r"no variable 'sharpness'.*'speed'"):
        selecting.recorded(cube, "sharpness")


def test_means_and_counts_are_of_finished_runs(cube):
    accuracy = selecting.accuracy(cube)
    mean = selecting.mean_accuracy(cube)
    assert float(mean.sel(dropout=0.0)) == float(accuracy.sel(dropout=0.0, seed=1))
    np.testing.assert_allclose(mean.sel(dropout=0.1), accuracy.sel(dropout=0.1).mean())
    assert selecting.finished_runs(cube).values.tolist() == [1, 2, 0]
    assert mean.attrs["comment"] == "mean over 0 to 2 of 2 values"


def test_status_is_told_of_every_run(cube):
    xr.testing.assert_equal(selecting.recorded(cube, "status"), cube["status"])


def test_slices_by_label_hold_what_they_say(cube):
    assert selecting.recorded(cube, "speed").sel(dropout=slice(0, 0.1)).sizes["dropout"] == 2


def test_nodes_and_variables_that_are_not_there_are_told(cube):
    with pytest.raises(LayerAtlasError, match="no node 'layers'"):
        selecting.node_of(cube, "layers")
    with pytest.raises(LayerAtlasError, match="no variable 'loss' here"):
        selecting.variable_of(selecting.node_of(cube, "evaluation"), "loss")
