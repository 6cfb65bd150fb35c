"""Cubes along record points: every run's at its label, whatever its length."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes import selecting
from layeratlas.cubes.assembling import assemble
from layeratlas.cubes.records import on_records
from layeratlas.errors import LayerAtlasError, StoreError
from layeratlas.figures.maps import metric_map
from layeratlas.kinds import KINDS
from layeratlas.runs.records import label_of
from layeratlas.runs.sharding import plan_shards
from layeratlas.storage import open_datatree, publish

FILE = """
title: Two lengths
dataset: {source: digits, n_train: 64, n_test: 32, size: 4}
model: {depth: 3, width: 8}
training: {batch_size: 32}
grid: {epochs: [4, 2], dropout: [0.0, 0.1]}
records: [{epoch: 0}, {step: 6, label: late}, {step: 3}, final, {loss_below: 0.1, label: low}]
"""
LABELS = ["epoch 0", "step 3", "late", "final", "low"]


@pytest.fixture
def parts(tmp_path):
    (tmp_path / "two.yaml").write_text(FILE, encoding="utf-8")
    experiment = load_experiment("two", "smoke", tmp_path)
    runs = expand(experiment)
    return describe(experiment, runs), plan_shards(runs, 3, KINDS["training"].members)


def measured(plan) -> xr.DataTree:
    """Values that say of which run and record they are."""
    labels = [label_of(point) for point in plan.checkpoints]
    values = np.array([[_value(run, label) for label in labels] for run in plan.run_ids])
    run = {"run_id": ("run", np.array(plan.run_ids, dtype=object))}
    status = {"status": ("run", np.zeros(plan.size, "i1"))}
    along = {
        "record": np.arange(len(labels)),
        "label": ("record", np.array(labels, dtype=object)),
    }
    root = xr.Dataset({**run, **status, "record_step": (("run", "record"), values)}, coords=along)
    layers = xr.Dataset(
        {"separation": (("run", "record", "layer"), np.stack([values, -values], axis=2))},
        coords={**along, "layer": [0, 1]},
    )
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


def _value(run: str, label: str) -> float:
    return int(run[:6], 16) + LABELS.index(label) / 8


@pytest.fixture
def cube(parts):
    described, shards = parts
    return assemble(**described, measured=[measured(plan) for plan in shards])


def test_every_value_is_at_the_label_of_its_record(parts, cube):
    described, _ = parts
    layers = cube["layers"].to_dataset()
    assert layers["label"].values.tolist() == LABELS
    assert layers["separation"].dims == ("epochs", "dropout", "seed", "record", "layer")
    for run in described["runs"]:
        for i, label in enumerate(LABELS):
            found = layers["separation"].sel(run["coordinates"]).isel(record=i).values
            lacks = label == "late" and run["coordinates"]["epochs"] == 2
            expected = [np.nan] * 2 if lacks else np.array([1, -1]) * _value(run["id"], label)
            np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(cube["record_step"], layers["separation"].isel(layer=0))


def test_a_cube_with_records_is_stored_and_read(cube, tmp_path):
    path = tmp_path / "two.zarr.zip"
    publish(cube, path)
    with open_datatree(path) as read:
        xr.testing.assert_identical(read["layers"].to_dataset().load(), cube["layers"].to_dataset())
        assert read["layers"]["label"].values.tolist() == LABELS


def test_one_record_is_taken_by_its_label(cube):
    array = cube["layers/separation"]
    xr.testing.assert_equal(selecting.final(array), array.isel(record=3, drop=True))
    chosen = selecting.final(array, record="step 3")
    xr.testing.assert_equal(chosen, array.isel(record=1, drop=True))
    assert "record" in selecting.final(array, keep_epochs=True).dims
    last = selecting.final(array.isel(record=[0, 1]))
    xr.testing.assert_equal(last, array.isel(record=1, drop=True))
    with pytest.raises(LayerAtlasError, match=r"record 'early' was not kept; kept: \['epoch 0'"):
        selecting.final(array, record="early")


@pytest.mark.parametrize(
    "axes", [("dropout", "epochs"), ("record", "layer"), ("dropout", "record")]
)
def test_maps_of_a_cube_with_records(cube, axes):
    figure = metric_map(cube, *axes, metric="separation")
    texts = [text.get_text() for a in figure.axes for text in a.texts] + [figure.get_suptitle()]
    titles = " ".join([*texts, *(a.get_title() for a in figure.axes)])
    shown = {label.get_text() for a in figure.axes for label in
             (*a.get_xticklabels(), *a.get_yticklabels())}  # fmt: skip
    assert ("epoch 0" in shown) == ("record" in axes)
    assert ("record final" in titles) == ("record" not in axes)


def test_a_shard_with_other_records_is_refused(parts):
    _, shards = parts
    tree = measured(shards[0])
    with pytest.raises(StoreError, match="which the experiment has not"):
        on_records(tree, ["epoch 0"])
    with pytest.raises(StoreError, match="has none"):
        on_records(xr.DataTree.from_dict({"/": xr.Dataset()}), LABELS)
    assert on_records(tree, ()) is tree
