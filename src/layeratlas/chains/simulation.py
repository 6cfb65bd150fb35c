"""A shard of chains as labelled data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.chains.integrators import first_order, second_order
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.status import DIVERGED, EXPLODED, EXPLOSION_LIMIT, OK, STATUS_ATTRIBUTES

_SOURCE = "Shi, Pan and Dokmanić, Phys. Rev. Lett. 2025, arXiv:2407.19353"


def simulate_shard(
    plan: ShardPlan,
    progress: Callable[[int], None] = lambda chain_steps: None,
    *,
    device: str = "cpu",
) -> xr.DataTree:
    """Simulate every chain of a shard; `/` facts a run, `/layers` (run, step, layer).

    `spring_separation` is y − x_l, l = 0 … L, the counterpart of a network's D_l; second-order
    chains also give `spring_velocity`. A chain that left the finite numbers is marked diverged, one
    that ends farther from y than `chain.explosion_limit` exploded.
    `device`: `cpu`, or one of torch such as `cuda`.
    """
    chain = dict(plan.shared["chain"])
    order = chain.pop("order")
    limit = chain.pop("explosion_limit", EXPLOSION_LIMIT)
    members: dict[str, Any] = {name: np.asarray(values) for name, values in plan.members.items()}
    seeds = [int(seed) for seed in members.pop("seed")]
    common: dict[str, Any] = {"record": plan.checkpoints, "seeds": seeds, "progress": progress}
    common |= {"device": device}
    members["noise"] = members.pop("noise_strength")
    if order == "first":
        values = {"spring_separation": first_order(**chain, **members, **common)}
    else:
        separation, velocity = second_order(**chain, **members, **common)
        values = {"spring_separation": separation, "spring_velocity": velocity}
    separation = values["spring_separation"]
    finite = np.isfinite(separation).all(axis=(1, 2))
    far = (np.abs(separation[:, -1]) > limit).any(axis=1)
    status = np.where(finite, np.where(far, EXPLODED, OK), DIVERGED)
    root = xr.Dataset(
        {
            "run_id": ("run", np.array(plan.run_ids, dtype=object), {"long_name": "run id"}),
            "status": ("run", status.astype(np.int8), STATUS_ATTRIBUTES),
        },
        attrs=plan.attributes(),
    )
    return xr.DataTree.from_dict({"/": root, "/layers": _labelled(plan, values)})


def _labelled(plan: ShardPlan, values: dict[str, np.ndarray]) -> xr.Dataset:
    names = {
        "spring_separation": ("distance of block l to the target, y − x_l", "target - x_l"),
        "spring_velocity": ("velocity of block l", "dx_l/dt"),
    }
    length = plan.shared["chain"]["length"]
    return xr.Dataset(
        {
            name: (
                ("run", "step", "layer"),
                array.astype(np.float32),
                {
                    "long_name": names[name][0],
                    "units": "1",
                    "formula": names[name][1],
                    "references": _SOURCE,
                },
            )
            for name, array in values.items()
        },
        coords={
            "step": ("step", np.array(plan.checkpoints), {"long_name": "step", "units": "1"}),
            "layer": (
                "layer",
                np.arange(length + 1),
                {"long_name": "block, 0 is the wall", "units": "1"},
            ),
            "layer_name": (
                "layer",
                np.array(["wall", *(f"block_{i}" for i in range(1, length + 1))], dtype=object),
                {"long_name": "name of the block"},
            ),
        },
    )
