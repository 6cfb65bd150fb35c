"""A trained shard as labelled data says all that training left."""

from __future__ import annotations

import json

import numpy as np

from layeratlas.engine import archive
from layeratlas.engine.weights import weights_at
from layeratlas.runs.plan import ShardPlan


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
