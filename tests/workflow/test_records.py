"""An experiment with record points, from its file to its cube, by the scripts as they are."""

from __future__ import annotations

import numpy as np
import pytest

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
        inside.write(grid=GRID, **changes)
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
