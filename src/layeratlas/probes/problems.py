"""What is probed: the draw, the input, the loss and the networks that settings ask for.

Drawing the weights costs more than probing them, so all branch scales and scalings of one size and
seed see the same draw, as `(setting, …)` arrays. Draws of different depths or widths are
independent: a curve over depth must scatter as it would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from layeratlas.networks.scaling_names import CALIBRATED
from layeratlas.networks.scalings import table
from layeratlas.probes.losses import Linear, Loss, Square
from layeratlas.probes.networks import Network, Weights, draw, mlp, resnet
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.streams import generator, key

__all__ = ["Problem", "grouped", "inputs_and_loss", "networks_of", "weights_of"]


class Problem(NamedTuple):
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
    def draw(self) -> tuple[int, ...]:
        """What the weights depend on."""
        return (self.depth, self.width, self.n_inputs, self.n_outputs, self.seed)


def grouped(plan: ShardPlan) -> list[tuple[Problem, list[int]]]:
    """The problems of a shard with the places of their runs, those of one draw in a row."""
    members: Any = plan.members
    groups: dict[Problem, list[int]] = {}
    for i in range(plan.size):
        own = i if members["scaling"][i] == CALIBRATED else -1
        shared = {name: members[name][i] for name in Problem._fields[:-1]}
        groups.setdefault(Problem(**shared, own=own), []).append(i)
    return sorted(groups.items())


def weights_of(problem: Problem) -> Weights:
    """The draw, keyed by seed and size."""
    words = key(problem.seed, f"probe/{problem.depth}x{problem.width}").astype(np.uint64)
    stream = int(words[0]) | int(words[1]) << 32
    return draw(stream, problem.depth, problem.width, problem.n_inputs, problem.n_outputs)


def inputs_and_loss(plan: ShardPlan, problem: Problem) -> tuple[np.ndarray, Loss]:
    """x `(sample, d)` and the loss."""
    probe, dense = plan.shared["probe"], problem.setting == "dense"
    d, k, n = problem.n_inputs, problem.n_outputs, probe["samples"]
    seed = probe["input_seed"] if probe["input_seed"] is not None else problem.seed
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


def networks_of(
    plan: ShardPlan, problem: Problem, members: Sequence[int]
) -> tuple[Network, np.ndarray | None]:
    """The networks of some runs, one setting each, and η `(setting, L)` where all have a table."""
    model, slope = plan.shared["model"], plan.shared["model"]["negative_slope"]
    depth, width, d, k = problem.depth, problem.width, problem.n_inputs, problem.n_outputs
    scales: Any = plan.members.get("branch_scale", (None,) * plan.size)  # an MLP has none
    names: Any = plan.members["scaling"]
    betas = [scales[i] for i in members]
    size = {"n_inputs": d, "negative_slope": slope}
    default = mlp(depth, width, **size).multipliers[0]
    tables = [
        None
        if names[i] in (None, CALIBRATED)
        else table(
            names[i], depth, width, d, k, beta,
            architecture=model["family"], setting=problem.setting, negative_slope=slope,
        )
        for i, beta in zip(members, betas, strict=True)
    ]  # fmt: skip
    stds = np.array([default if t is None else t.stds for t in tables])
    tabled = [t.learning_rates for t in tables if t is not None]
    rates = np.array(tabled) if len(tabled) == len(tables) else None
    if model["family"] == "residual_mlp":
        return resnet(depth, width, np.array(betas), stds=stds, **size), rates
    network = mlp(depth, width, stds=stds, **size)
    return replace(network, output_activation=model["output_activation"]), rates
