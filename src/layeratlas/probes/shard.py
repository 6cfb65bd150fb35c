"""A shard of probes as labelled data. A run's numbers depend on its own settings alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes.calibration import calibrate_fsc
from layeratlas.probes.networks import Weights
from layeratlas.probes.passes import passes
from layeratlas.probes.problems import Problem, grouped, inputs_and_loss, networks_of, weights_of
from layeratlas.probes.rates import trained_rates
from layeratlas.probes.recording import CONDITIONING, recorded
from layeratlas.probes.variables import DERIVATIVES, VARIABLES
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.status import DIVERGED, OK, STATUS_ATTRIBUTES

__all__ = ["probe_shard"]

#: Dims of each node after `run`.
_DIMS: dict[str, tuple[str, ...]] = {
    "/": (),
    "layers": ("layer",),
    "velocities": ("derivative", "layer"),
    "network": ("derivative",),
}


def probe_shard(
    plan: ShardPlan, progress: Callable[[int], None] = lambda runs: None
) -> xr.DataTree:
    """Probe every run of a shard: `/` facts a run, then `VARIABLES`, float64.

    Layers are padded with NaN to the deepest network of the shard; `n_layers` counts those of each
    run, the input included. Where nothing moves (frozen layers) angles are NaN. A network that is
    dead (a layer without gradient: nothing balances it) is NaN and marked in `status`.
    """
    probe = plan.shared["probe"]
    derivatives = DERIVATIVES if probe["step"] is not None else DERIVATIVES[:1]
    sizes = {"layer": int(max(plan.members["depth"])) + 1, "derivative": len(derivatives)}
    values = {
        name: np.full((plan.size, *(sizes[dim] for dim in _DIMS[variable.node])), np.nan)
        for name, variable in VARIABLES.items()
        if probe["conditioning"] or name not in CONDITIONING
    }
    weights, drawn = None, None
    for problem, members in grouped(plan):
        if weights is None or drawn != problem.draw:
            weights, drawn = None, problem.draw  # one draw in memory at a time
            weights = weights_of(problem)
        for name, array in _probe(plan, problem, weights, members).items():
            layered = "layer" in _DIMS[VARIABLES[name].node]
            spots = (members, ..., slice(0, problem.depth + 1)) if layered else (members,)
            values[name][spots] = array
        progress(len(members))
    return _labelled(plan, values, derivatives)


def _probe(
    plan: ShardPlan, problem: Problem, weights: Weights, members: list[int]
) -> dict[str, np.ndarray]:
    """Arrays of `VARIABLES` of runs that share a problem, `(run, …)`; none if calibration fails."""
    probe = plan.shared["probe"]
    x, loss = inputs_and_loss(plan, problem)
    network, rates = networks_of(plan, problem, members)
    if problem.own >= 0:
        try:
            network, rates = calibrate_fsc(weights, network, x, loss)
        except ScalingError:
            return {}
    elif probe["learning_rates"] == "balanced":
        rates = None
    point = passes(weights, network, x, loss)
    return recorded(point, trained_rates(point, probe["trained"], rates, dead="nan"), probe)


def _labelled(
    plan: ShardPlan, values: Mapping[str, np.ndarray], derivatives: Sequence[str]
) -> xr.DataTree:
    depths = plan.members["depth"]
    longest = int(max(depths)) + 1
    coordinates = {
        "layer": ("layer", np.arange(longest), {"long_name": "layer, 0 is the network's input",
                                                "units": "1"}),
        "layer_name": (
            "layer",
            np.array(["input", *(f"feature_{i}" for i in range(1, longest))], dtype=object),
            {"long_name": "name of the layer", "comment": "the last of n_layers is the output"},
        ),
        "derivative": (
            "derivative",
            np.array(derivatives, dtype=object),
            {"long_name": "exact velocity, or change in a finite step divided by the step"},
        ),
    }  # fmt: skip
    nodes = {}
    for node, rest in _DIMS.items():
        nodes[node] = xr.Dataset(
            {
                name: (("run", *rest), values[name], variable.attributes())
                for name, variable in VARIABLES.items()
                if variable.node == node and name in values
            },
            coords={name: c for name, c in coordinates.items() if c[0] in rest},
        )
    bad = ~np.isfinite(values["loss"] + values["loss_change"].sum(axis=1))
    root = nodes.pop("/").assign(
        run_id=("run", np.array(plan.run_ids, dtype=object), {"long_name": "run id"}),
        status=("run", np.where(bad, DIVERGED, OK).astype(np.int8), STATUS_ATTRIBUTES),
        n_layers=(
            "run",
            np.array(depths, np.float32) + 1,
            {"long_name": "entries of `layer` the network has, its input counted", "units": "1"},
        ),
    )
    root.attrs = plan.attributes()
    return xr.DataTree.from_dict({"/": root, **{f"/{n}": d for n, d in nodes.items()}})
