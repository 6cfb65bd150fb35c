"""A trained shard as labelled data: weights by name, learning curves, what became of each run."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from layeratlas.engine.state import ShardResult
from layeratlas.engine.weights import named
from layeratlas.networks.base import Family
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.records import all_epochs, record_coordinates
from layeratlas.runs.status import STATUS_ATTRIBUTES


def to_tree(plan: ShardPlan, family: Family, result: ShardResult, title: str) -> xr.DataTree:
    """`/` facts a run, `/training` learning curves, `/weights` tensors at each checkpoint.

    Weights are counted along `epoch`, or, where points are no epochs, along `record`; `/` then says
    when those of each run stood, and whether the run came to the point.
    """
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
    by_epoch = all_epochs(plan.checkpoints)
    moment = "epoch" if by_epoch else "record"
    weights = named(family.parameters, result.theta, moment)
    weights |= named(family.statistics, result.statistics, moment)
    if by_epoch:
        along = {"epoch": ("epoch", np.array(plan.checkpoints), {"long_name": "epoch"})}
    else:
        along = record_coordinates(plan.checkpoints)
        root = root.assign(_record_facts(result)).assign_coords(along)
    checkpoints = xr.Dataset(weights, coords=along)
    return xr.DataTree.from_dict({"/": root, "/training": training, "/weights": checkpoints})


def _record_facts(result: ShardResult) -> dict[str, Any]:
    """When the weights of each run and record stood; NaN where there are none."""
    kept = result.record_step >= 0
    told = {
        "record_step": (result.record_step, "minibatches trained on", "1"),
        "record_epoch": (result.record_epoch, "epochs trained, in parts too", "1"),
    }
    facts: dict[str, Any] = {
        name: (
            ("run", "record"),
            np.where(kept, values, np.nan),
            {"long_name": f"{what} until the record", "units": units},
        )
        for name, (values, what, units) in told.items()
    }
    facts["reached"] = (
        ("run", "record"),
        result.reached.astype(np.float32),
        {
            "long_name": "whether the run came to the record point",
            "units": "1",
            "comment": "0 where it ended before: its weights there are its last ones, or none.",
        },
    )
    return facts
