"""A trained shard as labelled data: weights by name, learning curves, what became of each run."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.engine.state import ShardResult
from layeratlas.engine.weights import named
from layeratlas.networks.base import Family
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
            **plan.attributes(),
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
    weights = named(family.parameters, result.theta) | named(family.statistics, result.statistics)
    checkpoints = xr.Dataset(
        weights, coords={"epoch": ("epoch", np.array(plan.checkpoints), {"long_name": "epoch"})}
    )
    return xr.DataTree.from_dict({"/": root, "/training": training, "/weights": checkpoints})
