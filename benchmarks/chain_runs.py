"""CPU milliseconds a network's step on chain monomials: ensembles against tidy torch, singly.

    python benchmarks/chain_runs.py [--rounds 7]

Three matrices, 32-128-128-1, ReLU, no biases, full batches of 2,048 samples, float32, mean squared
error: the runs of `nfa_chain_gd` and `nfa_chain_slo`, which differ in seed alone and so are one
shard. Candidates, one thread each, interleaved in one process:

- tidy: `nn.Sequential`, autograd, `torch.optim.SGD` (for SLO, gradients to constant speed under
  `no_grad`), one network at a time, its loss read at every step, as a stop at a loss asks for;
- written out: the same with the gradients of three matrices by hand, no autograd;
- engine: `layeratlas.engine.loop.train_shard`, three networks.

All take as many steps from the same initial weights, and their last losses are compared first.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

from layeratlas.backends import get_backend  # noqa: E402
from layeratlas.datasets import prepare  # noqa: E402
from layeratlas.datasets.recipe import recipe_of  # noqa: E402
from layeratlas.engine.loop import train_shard  # noqa: E402
from layeratlas.engine.settings import TrainingSettings  # noqa: E402
from layeratlas.engine.start import start_of  # noqa: E402
from layeratlas.networks.registry import create_family  # noqa: E402
from layeratlas.networks.settings import MLPSettings  # noqa: E402
from layeratlas.runs.plan import ShardPlan  # noqa: E402

SIZES, MEMBERS, STEPS = (32, 128, 128, 1), 3, 100
CONSTANTS = (500.0, 0.002, 0.002)
GUARD = {
    "early_stop": {"running_loss_below": 1e-12, "loss_below": 0, "change_below": 0},
    "loss_spike": {},
}
WORKLOADS: dict[str, dict[str, Any]] = {
    "gradient descent, s = 0.25": {"gain": 0.25, "optimizer": "sgd", "learning_rate": 0.02},
    "speed limits, s = 1": {
        "gain": 1.0,
        "optimizer": "blockwise",
        "optimizer_settings": {"rule": "normalized", "constants": CONSTANTS},
        "learning_rate": 4e-4,
    },
}
Weights = list[torch.Tensor]


def plan_of(workload: Mapping[str, Any]) -> ShardPlan:
    """The shard of a workload: seeds 1, 2, 3."""
    asked = {name: value for name, value in workload.items() if name != "gain"}
    training = TrainingSettings(
        batch_size="full", epochs=STEPS, loss="mean_squared_error", **asked, **GUARD
    )
    model = MLPSettings(
        depth=3, width=128, bias=False, batch_norm=False, activation="relu",
        initialization="xavier_uniform", initialization_settings={"gain": workload["gain"]},
        output_initialization="xavier_uniform",
        output_initialization_settings={"gain": SIZES[1] ** -0.5},
    )  # fmt: skip
    zero = (0.0,) * MEMBERS
    members = dict.fromkeys(("negative_slope", "dropout", "label_noise", "input_noise"), zero)
    return ShardPlan(
        key="benchmark",
        run_ids=tuple(map(str, range(MEMBERS))),
        shared={
            "dtype": "float32",
            "model": model.model_dump(mode="json"),
            "training": training.model_dump(mode="json"),
        },
        members={
            **members,
            "learning_rate": (workload["learning_rate"],) * MEMBERS,
            "seed": tuple(range(1, MEMBERS + 1)),
        },
        checkpoints=(0, STEPS),
    )


def initial(plan: ShardPlan, x: np.ndarray, y: np.ndarray) -> list[list[np.ndarray]]:
    """Weights `(out, in)` of every matrix of every member, as the engine starts with them."""
    family = create_family(plan.shared["model"], (SIZES[0],), 1, tokens=False)
    theta, _ = start_of(plan, family, x, y).weights(np.arange(plan.size))
    shapes = list(itertools.pairwise(SIZES))
    matrices = [tensor for tensor in family.parameters.tensors if len(tensor.shape) == 2]
    assert [tensor.shape for tensor in matrices] == [(b, a) for a, b in shapes]
    views = family.parameters.views(theta)
    return [[np.array(views[t.name][e], np.float32) for t in matrices] for e in range(plan.size)]


def limited(weights: Weights, gradients: Weights, rate: float) -> None:
    """A step of constant speed, `rate` times the constant of each layer."""
    with torch.no_grad():
        for w, g, c in zip(weights, gradients, CONSTANTS, strict=True):
            w.sub_(g, alpha=rate * c / (float(g.norm()) + 1e-12))


def tidy(workload: Mapping[str, Any], start: list[np.ndarray], x, y) -> float:
    """One network by autograd; its last loss."""
    layers = [nn.Linear(a, b, bias=False) for a, b in itertools.pairwise(SIZES)]
    network = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
    with torch.no_grad():
        for layer, w in zip(layers, start, strict=True):
            layer.weight.copy_(torch.from_numpy(w))
    weights = [layer.weight for layer in layers]
    rate, free = workload["learning_rate"], workload["optimizer"] == "sgd"
    optimizer = torch.optim.SGD(weights, lr=rate)
    last = float("nan")
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(network(x), y)
        loss.backward()
        if free:
            optimizer.step()
        else:
            limited(weights, [w.grad for w in weights], rate)
        last = loss.item()
    return last


def written_out(workload: Mapping[str, Any], start: list[np.ndarray], x, y) -> float:
    """The same, its gradients by hand."""
    w0, w1, w2 = (torch.from_numpy(w.copy()) for w in start)
    weights = [w0, w1, w2]
    rate, free = workload["learning_rate"], workload["optimizer"] == "sgd"
    last = float("nan")
    for _ in range(STEPS):
        h0 = (x @ w0.T).relu_()
        h1 = (h0 @ w1.T).relu_()
        residual = h1 @ w2.T - y
        last = residual.square().mean().item()
        d2 = residual * (2 / len(x))
        d1 = (d2 @ w2).mul_(h1 > 0)
        d0 = (d1 @ w1).mul_(h0 > 0)
        gradients = [d0.T @ x, d1.T @ h0, d2.T @ h1]
        if free:
            for w, g in zip(weights, gradients, strict=True):
                w.sub_(g, alpha=rate)
        else:
            limited(weights, gradients, rate)
    return last


def timed(function: Callable[[], Any]) -> float:
    """CPU milliseconds a network's step."""
    start = time.process_time()
    function()
    return 1e3 * (time.process_time() - start) / (MEMBERS * STEPS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    recipe = {"source": "chain_monomial", "n_train": 2048, "n_test": 1}
    data = prepare(recipe_of({**recipe, "settings": {"dimension": 32, "period": 5}}))
    x = np.asarray(data["train_inputs"].values, np.float32).reshape(2048, 32)
    y = np.asarray(data["train_targets"].values, np.float32).reshape(2048, 1)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    for name, workload in WORKLOADS.items():
        plan, backend = plan_of(workload), get_backend("cpu", "float32")
        start = initial(plan, x, y)
        runs: dict[str, Callable[[], list[float]]] = {
            "tidy": lambda w=workload, s=start: [tidy(w, one, inputs, targets) for one in s],
            "written out": lambda w=workload, s=start: [
                written_out(w, one, inputs, targets) for one in s
            ],
            "engine": lambda p=plan, b=backend: (
                train_shard(p, x, y, n_outputs=1, backend=b).train_loss[:, -1].tolist()
            ),
        }
        for candidate in runs.values():  # warms up, too
            np.testing.assert_allclose(candidate(), runs["tidy"](), rtol=1e-3)
        times: dict[str, list[float]] = {key: [] for key in runs}
        for _ in range(rounds):
            for key, function in runs.items():
                times[key].append(timed(function))
        found = {key: statistics.median(values) for key, values in times.items()}
        told = ", ".join(f"{key} {value:.2f}" for key, value in found.items())
        print(
            f"{name}: {told} ms a step; engine against tidy {found['tidy'] / found['engine']:.2f}x,"
            f" against written out {found['written out'] / found['engine']:.2f}x"
        )


if __name__ == "__main__":
    main()
