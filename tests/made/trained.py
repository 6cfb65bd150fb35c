"""Cubes of tiny networks that are really trained, measured and assembled."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import xarray as xr

from layeratlas.backends import get_backend
from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes.assembling import assemble
from layeratlas.datasets import prepare
from layeratlas.datasets.recipe import recipe_of
from layeratlas.engine import archive
from layeratlas.engine.loop import train_shard
from layeratlas.kinds import KINDS
from layeratlas.measure import measure_shard
from layeratlas.networks.registry import create_family, needs_torch
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.sharding import plan_shards
from made.documents import as_yaml

TINY = {
    "title": "A tiny grid",
    "dataset": {"source": "digits", "n_train": 32, "n_test": 16, "size": 4},
    "model": {"depth": 3, "width": 6, "batch_norm": False},
    "training": {"epochs": 3, "batch_size": 16},
}


def trained_cube(folder: Path, **changes: Any) -> xr.DataTree:
    """The cube of `TINY` with other sections, as the workflow would make it."""
    (folder / "x.yaml").write_text(as_yaml({**TINY, **changes}), encoding="utf-8")
    experiment = load_experiment("x", "smoke", folder)
    runs = expand(experiment)
    plans = plan_shards(runs, experiment.shard_size, KINDS["training"].members)
    measured = [_measured(plan, experiment.measured()) for plan in plans]
    told = json.loads(json.dumps(describe(experiment, runs)))
    return assemble(**told, measured=measured)


def _measured(plan: ShardPlan, asked: dict[str, Any]) -> xr.DataTree:
    dataset = _data(json.dumps(plan.shared["dataset"]))
    images, n_outputs = dataset["train_inputs"].values, int(dataset.attrs["n_outputs"])
    model = plan.shared["model"]
    backend = get_backend("cpu", plan.shared["dtype"], torch=needs_torch(model))
    labels = dataset["train_targets"].values
    tokens = images.dtype.kind != "f"
    result = train_shard(plan, images, labels, n_outputs=n_outputs, backend=backend)
    family = create_family(model, images.shape[1:], n_outputs, tokens=tokens)
    tree = archive.to_tree(plan, family, result, "x")
    return measure_shard(plan, tree, dataset, backend=backend, **asked)


@functools.cache
def _data(recipe: str) -> xr.Dataset:
    return prepare(recipe_of(recipe), download=False, progress=False)
