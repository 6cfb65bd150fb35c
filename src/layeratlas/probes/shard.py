"""A shard of probes as labelled data: runs that share a draw of weights are computed together.

Drawing the weights costs more than probing them, so all branch scales and scalings of one size and
seed see the same draw, as `(setting, …)` arrays of `probes.feature_speed`. Draws of different
depths or widths are independent. A run's numbers depend on its own settings alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from layeratlas.engine.archive import STATUS_ATTRIBUTES
from layeratlas.networks.scaling_names import CALIBRATED
from layeratlas.networks.scalings import ScalingError, table
from layeratlas.probes import calibration, kernels, measures, networks, passes
from layeratlas.probes.losses import Linear, Square
from layeratlas.probes.variables import DERIVATIVES, SOURCE, VARIABLES
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.streams import generator, key


class _Group(NamedTuple):
    """What runs that are computed together share: one draw of weights, one input, one loss.

    `own` is the place in the shard of a run that is calibrated on its input, and so stands alone;
    −1 for the others.
    """

    depth: int
    width: int
    n_inputs: int
    n_outputs: int
    seed: int
    setting: str
    own: int

    @property
    def draw(self) -> tuple:
        """What the weights depend on."""
        return self[:5]


def probe_shard(
    plan: ShardPlan, progress: Callable[[int], None] = lambda runs: None
) -> xr.DataTree:
    """Probe every run of a shard: `/` facts a run, then `VARIABLES`, float64.

    Layers are padded with NaN to the deepest network of the shard; `n_layers` counts those of each
    run, the input included. Where nothing moves (frozen layers) angles are NaN. A network that is
    dead (a layer without gradient: nothing balances it) is NaN and marked in `status`.
    """
    depths = plan.members["depth"]
    finite = plan.shared["probe"]["step"] is not None
    derivatives = DERIVATIVES if finite else DERIVATIVES[:1]
    longest = int(max(depths)) + 1
    shapes = {"layers": (longest,), "velocities": (len(derivatives), longest)}
    shapes |= {"network": (len(derivatives),), "/": ()}
    skipped = () if plan.shared["probe"]["conditioning"] else ("kernel", "jacobian")
    values = {
        name: np.full((plan.size, *shapes[node]), np.nan)
        for name, (node, *_) in VARIABLES.items()
        if not name.startswith(skipped)
    }
    groups: dict[_Group, list[int]] = {}
    for i in range(plan.size):
        own = i if plan.members["scaling"][i] == CALIBRATED else -1
        spot = _Group(*(plan.members[name][i] for name in _Group._fields[:-1]), own)
        groups.setdefault(spot, []).append(i)
    weights, drawn = None, None
    for group, members in sorted(groups.items()):
        if drawn != group.draw:
            weights, drawn = None, group.draw  # one draw in memory at a time
            weights = _draw(group)
        for name, array in _probe(plan, group, weights, members).items():
            layered = VARIABLES[name][0] in ("layers", "velocities")
            spots = (members, ..., slice(0, group.depth + 1)) if layered else (members,)
            values[name][spots] = array
        progress(len(members))
    return _labelled(plan, values, derivatives, depths, longest)


def _draw(group: _Group) -> networks.Weights:
    # Independent draws at each size: a curve over depth must scatter as it would.
    own = key(group.seed, f"probe/{group.depth}x{group.width}").astype(np.uint64)
    stream = int(own[0]) | int(own[1]) << 32
    return networks.draw(stream, group.depth, group.width, group.n_inputs, group.n_outputs)


def _inputs(plan: ShardPlan, group: _Group) -> tuple[np.ndarray, Any]:
    """x `(sample, d)` and the loss."""
    probe, dense = plan.shared["probe"], group.setting == "dense"
    d, k, n = group.n_inputs, group.n_outputs, probe["samples"]
    seed = probe["input_seed"] if probe["input_seed"] is not None else group.seed
    x = generator(seed, "probe/input").standard_normal((n, d))
    if probe["input"] == "normal":
        x /= np.sqrt(d)
    elif probe["input"] == "by_setting" and not dense:
        x = np.eye(d)[np.argmax(x, axis=1)]
    else:
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        x *= np.sqrt(d) if probe["input"] == "by_setting" else 1.0
    y = generator(seed, "probe/target").standard_normal((n, k))
    if probe["loss"] == "linear":
        b = y / np.linalg.norm(y)
        return x, Linear(b / np.sqrt(k) if dense else b)
    return x, Square(y if probe["target"] == "normal" else float(probe["target"]))


def _network(plan: ShardPlan, group: _Group, members: list[int]) -> tuple:
    """The networks of some runs, one setting each, and their tables' rates or None."""
    model, slope = plan.shared["model"], plan.shared["model"]["negative_slope"]
    scales = plan.members.get("branch_scale", (None,) * plan.size)  # an MLP has none
    betas = [scales[i] for i in members]
    size = {"n_inputs": group.n_inputs, "negative_slope": slope}
    default = networks.mlp(group.depth, group.width, **size).multipliers[0]
    tables = [
        None
        if name in (None, CALIBRATED)
        else table(
            name, group.depth, group.width, group.n_inputs, group.n_outputs, beta,
            architecture=model["family"], setting=group.setting, negative_slope=slope,
        )
        for name, beta in zip((plan.members["scaling"][i] for i in members), betas, strict=True)
    ]  # fmt: skip
    stds = np.array([default if t is None else t.stds for t in tables])
    rates = None if None in tables else np.array([t.learning_rates for t in tables])
    if model["family"] == "resnet":
        return networks.resnet(group.depth, group.width, np.array(betas), stds=stds, **size), rates
    network = networks.mlp(group.depth, group.width, stds=stds, **size)
    return replace(network, output_activation=model["output_activation"]), rates


def _probe(
    plan: ShardPlan, group: _Group, weights: networks.Weights, members: list[int]
) -> dict[str, np.ndarray]:
    """Arrays of `VARIABLES` for the runs of a group, `(run, …)`; none if calibration fails."""
    probe = plan.shared["probe"]
    x, loss = _inputs(plan, group)
    network, rates = _network(plan, group, members)
    if group.own >= 0:
        try:
            network, rates = calibration.calibrate_fsc(weights, network, x, loss)
        except ScalingError:
            return {}
    elif probe["learning_rates"] == "balanced":
        rates = None
    point = passes.passes(weights, network, x, loss)
    rates = passes.trained_rates(point, probe["trained"], rates, dead="nan")
    results = [measures.measure(point, rates)]
    if probe["step"] is not None:
        # A step too large for a network overflows; its status will say so, numpy need not.
        with np.errstate(over="ignore", invalid="ignore"):
            results.append(measures.measure(point, rates, probe["step"]))
    first = results[0]
    found = {
        "feature_norm": first.f_rms,
        "backward_norm": first.b_rms,
        "contribution": first.contribution,
        "loss_decay": first.loss_decay,
        "learning_rate": np.pad(first.learning_rates, ((0, 0), (1, 0)), constant_values=np.nan),
        "loss": first.loss,
        "output_gradient_norm": np.sqrt(np.sum(point.b[-1] ** 2, axis=(1, 2))),
    }
    by_derivative = {
        "feature_velocity": lambda r: r.df_rms,
        "cos_backward_feature_angle": lambda r: r.cos_theta,
        "backward_feature_angle": lambda r: r.theta,
        "sensitivity": lambda r: r.sensitivity,
        "feature_change_per_loss_change": lambda r: r.feature_per_loss,
        "feature_speed_residual": lambda r: _residual(r, point),
        "loss_change": lambda r: r.loss_change,
    }
    found |= {
        name: np.stack([take(r) for r in results], axis=1) for name, take in by_derivative.items()
    }
    if probe["conditioning"]:
        each = [_conditioning(point, rates, i) for i in range(len(members))]
        found |= {name: np.stack([e[name] for e in each]) for name in each[0]}
    return found


def _residual(result: measures.Probe, point: passes.Pass) -> np.ndarray:
    """|−⟨b_v, ḟ_v⟩ − D_v|/D_v; NaN where no layer up to v moves."""
    dims = np.array([f[0].size for f in point.f])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        aligned = result.cos_theta * result.df_rms * result.b_rms * dims
        return np.abs(aligned - result.loss_decay) / result.loss_decay


def _conditioning(point: passes.Pass, rates: np.ndarray, setting: int) -> dict[str, np.ndarray]:
    depth = point.network.depth
    moments = kernels.kernel_moments(point, rates, setting)
    ratio, smallest = np.full((2, depth + 1), np.nan)
    for layer, jacobian in kernels.jacobians(point, 1, setting):
        singular = np.linalg.svd(jacobian, compute_uv=False)
        with np.errstate(invalid="ignore"):  # a dead network has Jacobian zero
            ratio[layer] = kernels.spectral_moment_ratio(jacobian)
            smallest[layer] = singular[-1] / np.sqrt(np.mean(singular**2))
    return {
        "kernel_moment_1": moments[:, 0],
        "kernel_moment_2": moments[:, 1],
        "jacobian_moment_ratio": ratio,
        "jacobian_smallest_singular_value": smallest,
    }


def _labelled(
    plan: ShardPlan, values: Mapping[str, np.ndarray], derivatives, depths, longest: int
) -> xr.DataTree:
    dims = {"/": (), "layers": ("layer",), "velocities": ("derivative", "layer")}
    dims["network"] = ("derivative",)
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
    for node, rest in dims.items():
        wanted = [c for c in coordinates if coordinates[c][0] in rest]
        nodes[node] = xr.Dataset(
            {
                name: (
                    ("run", *rest),
                    values[name],
                    {"long_name": long, "units": units, "formula": formula, "references": SOURCE},
                )
                for name, (where, long, formula, units) in VARIABLES.items()
                if where == node and name in values
            },
            coords={c: coordinates[c] for c in wanted},
        )
    bad = ~np.isfinite(values["loss"] + values["loss_change"].sum(axis=1))
    root = nodes.pop("/").assign(
        run_id=("run", np.array(plan.run_ids, dtype=object), {"long_name": "run id"}),
        status=("run", bad.astype(np.int8), STATUS_ATTRIBUTES),
        n_layers=(
            "run",
            np.array(depths, np.float32) + 1,
            {"long_name": "entries of `layer` the network has, its input counted", "units": "1"},
        ),
    )
    return xr.DataTree.from_dict({"/": root, **{f"/{n}": d for n, d in nodes.items()}})
