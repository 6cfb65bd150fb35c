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


def test_a_mean_over_seeds_is_no_median():
    """3 of 4 seeds finished, at 10, 20 and 60 %: their mean is 30 %, their median 20 %."""
    status = xr.DataArray(np.array([OK, OK, DIVERGED, OK], "i1"), dims="seed")
    fraction = xr.DataArray([0.1, 0.2, 0.9, 0.6], dims="seed")
    cube = xr.DataTree.from_dict(
        {
            "/": xr.Dataset({"status": status}),
            "/evaluation": xr.Dataset({"test_accuracy": fraction}),
        }
    )
    assert float(selecting.mean_accuracy(cube)) == pytest.approx(30)
    assert int(selecting.finished_runs(cube)) == 3


@pytest.mark.parametrize("moment", ["epoch", "step"])
def test_the_last_moment_is_the_latest_however_moments_are_stored(moment):
    array = xr.DataArray([5.0, 9.0, 0.0], dims=moment, coords={moment: [5, 9, 0]})
    assert float(selecting.final(array)) == 9


@pytest.mark.parametrize(("moment", "lengths"), [("epoch", "epochs"), ("step", "steps")])
def test_where_lengths_differ_each_run_has_its_own_last_moment(moment, lengths):
    """The last one recorded up to its end, and exactly at it where that was."""
    known = [0, 9, 5]
    array = xr.DataArray(
        np.broadcast_to(np.array(known, float), (4, 3)), dims=(lengths, moment),
        coords={lengths: [5, 7, 9, 12], moment: known},
    )  # fmt: skip
    assert selecting.final(array).values.tolist() == [5, 5, 9, 9]
    assert selecting.final(array, **{moment: 0}).values.tolist() == [0, 0, 0, 0]
