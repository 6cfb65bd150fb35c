"""A trained shard as labelled data says all that training left."""

from __future__ import annotations

import json
from functools import partial

import numpy as np

from layeratlas.backends import get_backend
from layeratlas.engine import archive
from layeratlas.engine.kept import KeptInFile, KeptInMemory
from layeratlas.engine.loop import train_shard
from layeratlas.engine.weights import weights_at
from layeratlas.networks.registry import create_family
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.records import Point
from layeratlas.storage import open_datatree, publish


def test_the_tree_holds_the_result_by_name(trained):
    plan, family, result = trained
    tree = archive.to_tree(plan, family, result, "three runs")
    assert tree["run_id"].values.tolist() == list(plan.run_ids)
    np.testing.assert_array_equal(tree["status"], result.status)
    np.testing.assert_array_equal(tree["epochs_run"], result.epochs_run)
    np.testing.assert_array_equal(tree["training/train_loss"], result.train_loss.astype(np.float32))
    assert tree["training"]["epoch"].values.tolist() == [1, 2, 3]
    for i, epoch in enumerate(plan.checkpoints):
        for layout, flat in (
            (family.parameters, result.theta),
            (family.statistics, result.statistics),
        ):
            expected = layout.views(flat[:, i])
            for name, view in layout.views(weights_at(tree, layout, epoch)).items():
                np.testing.assert_array_equal(view, expected[name])


def test_the_plan_travels_with_its_shard(trained):
    plan, family, result = trained
    tree = archive.to_tree(plan, family, result, "three runs")
    told = ShardPlan.from_json(json.loads(tree.attrs["plan"]))
    assert told.to_json() == plan.to_json()
    assert (tree.attrs["title"], tree.attrs["shard"]) == ("three runs", plan.key)
    for node in tree.subtree:
        for name, variable in node.data_vars.items():
            assert variable.attrs["long_name"], name


def test_weights_in_a_file_are_archived_as_those_in_memory(make_plan, clouds, tmp_path):
    """Bit by bit, at epochs and at record points, without a tensor being read whole."""
    images, labels = clouds()
    for points in ((0, 2, 3), (0, Point(step=4), Point(loss_below=1e-9), Point(step=9))):
        plan = make_plan(training={"epochs": 3}, model={"batch_norm": True}, checkpoints=points)
        family = create_family(plan.shared["model"], (7,), 3)
        hashes = set()
        for kept in (KeptInMemory, partial(KeptInFile, tmp_path / "weights")):
            backend = get_backend("cpu", "float64")
            result = train_shard(
                plan, images, labels, n_outputs=3, backend=backend, kept=kept
            )  # fmt: skip
            tree = archive.to_tree(plan, family, result, "three runs")
            path = tmp_path / "shard.zarr.zip"
            hashes.add(publish(tree, path).content_hash)
            with open_datatree(path) as read:
                for i, point in enumerate(points):
                    for runs in (slice(None), np.array([2, 0])):
                        found = weights_at(read, family.parameters, point, runs)
                        views = family.parameters.views(result.theta[:, i][runs])
                        for name, view in family.parameters.views(found).items():
                            np.testing.assert_array_equal(view, views[name])
            result.kept.discard()
        assert len(hashes) == 1


def test_facts_of_records_say_when_the_weights_stood(make_plan, clouds):
    points = (Point(step=4), Point(loss_below=1e-9, label="low"), Point(epoch=3, label="final"))
    plan = make_plan(2, training={"epochs": 3}, checkpoints=points)
    result = train_shard(plan, *clouds(), n_outputs=3, backend=get_backend("cpu", "float64"))
    family = create_family(plan.shared["model"], (7,), 3)
    tree = archive.to_tree(plan, family, result, "two runs")
    assert tree["label"].values.tolist() == ["step 4", "low", "final"]
    np.testing.assert_array_equal(tree["record_step"], [[4, np.nan, 9]] * 2)
    np.testing.assert_allclose(tree["record_epoch"], [[4 / 3, np.nan, 3]] * 2)
    np.testing.assert_array_equal(tree["reached"], [[1, 0, 1]] * 2)
    assert ShardPlan.from_json(json.loads(tree.attrs["plan"])) == plan
