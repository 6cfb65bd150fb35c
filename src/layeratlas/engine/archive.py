"""A trained shard as labelled data: weights by name, learning curves, what became of each run."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.engine.state import ShardResult
from layeratlas.networks.base import Family
from layeratlas.networks.layout import ParameterLayout
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.status import STATUS_ATTRIBUTES


def to_tree(plan: ShardPlan, family: Family, result: ShardResult, title: str) -> xr.DataTree:
    """`/` facts a run, `/training` learning curves, `/weights` tensors at each checkpoint."""
    root = xr.Dataset(
        {
            "run_id": ("run", np.array(plan.run_ids, dtype=object), {"long_name": "run id"}),
            "status": ("run", result.status, STATUS_ATTRIBUTES),
            "epochs_run": (
                "run",
                result.epochs_run.astype(np.float32),
                {"long_name": "epochs trained before the run ended", "units": "1"},
            ),
        },
        attrs={
            "title": title,
            "Conventions": "CF-1.11",
            "shard": plan.key,
            "plan": json.dumps(plan.to_json(), sort_keys=True),
        },
    )
    epochs = np.arange(1, result.train_loss.shape[1] + 1)
    training = xr.Dataset(
        {
            "train_loss": (
                ("run", "epoch"),
                result.train_loss.astype(np.float32),
                {
                    "long_name": "training loss, mean over the epoch's minibatches",
                    "units": "1",
                    "comment": "On the noisy minibatches trained on, dropout on.",
                },
            )
        },
        coords={"epoch": ("epoch", epochs, {"long_name": "epoch", "units": "1"})},
    )
    weights = _named(family.parameters, result.theta) | _named(family.statistics, result.statistics)
    checkpoints = xr.Dataset(
        weights, coords={"epoch": ("epoch", np.array(plan.checkpoints), {"long_name": "epoch"})}
    )
    return xr.DataTree.from_dict({"/": root, "/training": training, "/weights": checkpoints})


def _named(layout: ParameterLayout, flat: np.ndarray) -> dict[str, Any]:
    variables = {}
    for tensor, start in zip(layout.tensors, layout.offsets, strict=False):
        values = flat[:, :, start : start + tensor.size]
        sizes = [
            f"{tensor.name}_{axis}" for axis in ("out", "in", "row", "column")[: len(tensor.shape)]
        ]
        variables[tensor.name] = (
            ("run", "epoch", *sizes),
            values.reshape(*flat.shape[:2], *tensor.shape),
            {"long_name": f"{tensor.role} of layer {tensor.layer}", "units": "1"},
        )
    return variables


def weights_at(tree: xr.DataTree, layout: ParameterLayout, epoch: int) -> np.ndarray:
    """Flat `(run, width)` weights at one checkpoint, as the engine lays them out."""
    weights = tree["weights"].to_dataset().sel(epoch=epoch)
    flat = np.zeros((tree.sizes["run"], layout.width), weights[layout.tensors[0].name].dtype)
    for name, view in layout.views(flat).items():
        view[...] = weights[name].values
    return flat
