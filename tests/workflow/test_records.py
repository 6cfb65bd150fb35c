"""An experiment with record points, from its file to its cube, by the scripts as they are."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.cubes.grid import followers, grid_axes
from layeratlas.cubes.identities import misplaced_runs
from layeratlas.cubes.selecting import final
from layeratlas.storage import open_datatree, read_manifest

GRID = {"epochs": [3, 1], "learning_rate": [0.001, 0.01]}
RECORDS = [
    {"epoch": 0}, {"step": 1}, {"step": 5, "label": "late"},
    {"loss_below": 1e6, "times": 2, "label": "soon"}, {"loss_below": 1e-9, "label": "never"},
    "final",
]  # fmt: skip


@pytest.fixture
def make(inside):
    """`make(**changes)`: the tiny experiment's cube, in memory, and the keys of its shards."""

    def call(**changes):
        inside.write(**{"grid": GRID, **changes})
        atlas = inside.atlas()
        plans = atlas.shards("tiny")
        inside.script("prepare_dataset.py", inside.prepare_job(atlas, plans[0]))
        for plan in plans:
            inside.script("train.py", inside.train_job(atlas, plan))
            inside.script("measure.py", inside.measure_job(atlas, plan))
        inside.script("assemble_cube.py", inside.assemble_job(atlas))
        path = "results/smoke/cubes/tiny.zarr.zip"
        with open_datatree(path) as tree:
            return tree.load(), {plan.key for plan in plans}, read_manifest(path).content_hash

    return call


def test_records_that_are_epochs_are_the_same_shards_and_the_same_cube(make):
    _, keys, content = make(checkpoints=[0, "final"])
    assert make(records=["final", {"epoch": 0}])[1:] == (keys, content)


def test_a_cube_of_records_holds_the_numbers_of_their_epochs(make):
    epochs, _, _ = make(checkpoints=[0, 2, "final"])
    records, _, _ = make(records=RECORDS)
    layers = records["layers"].to_dataset()
    assert layers["label"].values.tolist() == [
        "epoch 0", "step 1", "late", "final", "soon", "never"
    ]  # fmt: skip
    for name in ("layers/data_separation", "evaluation/test_loss"):
        found, expected = records[name], epochs[name]
        np.testing.assert_array_equal(final(found), final(expected))
        first = final(found, record="epoch 0")
        np.testing.assert_array_equal(first, final(expected, epoch=0))
        soon = final(found, record="soon")
        np.testing.assert_array_equal(soon.sel(epochs=3), final(expected.sel(epochs=3), epoch=2))
        assert np.isnan(soon.sel(epochs=1)).all()
        assert np.isnan(final(found, record="never")).all()
        assert np.isnan(final(found, record="late").sel(epochs=1)).all()
        assert np.isfinite(final(found, record="step 1")).all()
    assert (records["status"] == 0).all()
    reached = records["reached"].sel(epochs=3).isel(seed=0)
    np.testing.assert_array_equal(reached, [[1, 1, 1, 1, 1, 0]] * 2)
    steps = records["record_step"].sel(epochs=3).isel(seed=0)
    np.testing.assert_array_equal(steps, [[0, 1, 5, 6, 4, np.nan]] * 2)
    np.testing.assert_allclose(records["record_epoch"].sel(epochs=1).isel(seed=0, record=1), 0.5)


def test_a_mark_that_the_loss_cannot_reach_is_kept_and_marked(make):
    """Missing, or the run's end where the record says so; the run stays in the cube either way."""
    never = {"loss_below": 1e-300, "times": 1}
    cube, _, _ = make(records=[
        {**never, "label": "never"}, {**never, "label": "or_end", "otherwise": "final"}, "final",
    ])  # fmt: skip
    labels = cube["layers"]["label"].values.tolist()
    assert sorted(labels) == ["final", "never", "or_end"]
    assert (cube["status"] == 0).all()
    at = {label: cube["reached"].isel(record=labels.index(label)) for label in labels}
    assert (at["never"] == 0).all() and (at["or_end"] == 0).all() and (at["final"] == 1).all()
    for name in ("layers/data_separation", "evaluation/test_loss"):
        found = cube[name]
        assert np.isnan(final(found, record="never")).all()
        np.testing.assert_array_equal(final(found, record="or_end"), final(found, record="final"))
        assert np.isfinite(final(found, record="or_end")).all()
    step = cube["record_step"]
    assert np.isnan(step.isel(record=labels.index("never"))).all()
    np.testing.assert_array_equal(
        step.isel(record=labels.index("or_end")), step.isel(record=labels.index("final"))
    )


def test_runs_with_rates_of_their_own_end_at_their_mark(make):
    """Settings along an axis, from the file to the stored cube, whose ids still fit its places."""
    stop = {"running_loss_below": 1e6, "times": 2, "loss_below": 0, "change_below": 0}
    rates = {3: 0.01, 1: 0.001}
    cube, _, _ = make(
        grid={"epochs": [3, 1]},
        along={"epochs": {"learning_rate": rates, "width": {1: 4, 3: 8, 9: 1}}},
        training={"epochs": 3, "batch_size": 32, "early_stop": stop},
        records=[{"loss_below": 1e6, "times": 2, "label": "soon"}, "final"],
    )
    assert cube["learning_rate"].dims == cube["width"].dims == ("epochs",)
    assert cube["epochs"].values.tolist() == [1, 3]
    assert cube["learning_rate"].values.tolist() == [0.001, 0.01]
    assert cube["width"].values.tolist() == [4, 8]
    assert followers(cube) == {"learning_rate": "epochs", "width": "epochs"}
    assert grid_axes(cube) == grid_axes(cube["status"]) == ("epochs",)
    assert misplaced_runs(cube) is None
    np.testing.assert_array_equal(cube["epochs_run"].isel(seed=0), [1, 2])
    rate = cube["learning_rate"].copy(data=[0.001, 0.5])
    edited = cube.copy()
    edited.dataset = edited.to_dataset().assign_coords(learning_rate=rate)
    assert "(epochs 3, seed 1)" in str(misplaced_runs(edited))
    soon, last = (final(cube["evaluation/test_loss"], record=r) for r in ("soon", "final"))
    np.testing.assert_array_equal(soon.sel(epochs=3), last.sel(epochs=3))
    assert np.isnan(soon.sel(epochs=1)).all()
