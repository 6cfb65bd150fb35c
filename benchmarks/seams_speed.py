"""CPU milliseconds a network-epoch: families by autograd and users' modules against tidy torch.

    python benchmarks/seams_speed.py [--rounds 5]

Candidates, one thread each, interleaved in one process: *tidy*, the same `nn.Module` trained one
network at a time, its data prepared once and drawn by index tensors, autograd, `torch.optim`;
*module*, that class as `model: {family: module}`, a shard of several networks; and, where the
project has the same shape built in, *engine*. All take the same minibatches from memory, without
noise. MLP: 784-100×7-10, batch 100,
Adam, with ReLU and with tanh. Convolution: the block CNN's shape without batch norm on
its input, 32×32 pixels. Attention: two encoder layers on 16 tokens of 32 numbers.
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
from layeratlas.engine.loop import train_shard  # noqa: E402
from layeratlas.engine.settings import TrainingSettings  # noqa: E402
from layeratlas.networks.registry import needs_torch  # noqa: E402
from layeratlas.runs.plan import ShardPlan  # noqa: E402

MEMBERS, N = 4, 1000


class MLP(nn.Module):
    activation: type[nn.Module] = nn.ReLU

    def __init__(self) -> None:
        super().__init__()
        sizes = [784, *[100] * 7]
        parts = [
            part
            for a, b in itertools.pairwise(sizes)
            for part in (nn.Linear(a, b), self.activation())
        ]
        self.layers = nn.Sequential(*parts, nn.Linear(100, 10))

    def forward(self, x):
        return self.layers(x.flatten(1))


class TanhMLP(MLP):
    """What no kernel of the project knows, so that its own MLP takes autograd too."""

    activation = nn.Tanh


class Convolutions(nn.Module):
    """The block CNN: convolve, normalise, pool, rectify, up-sample."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.BatchNorm2d(3)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(3 if i == 0 else 20, 20, 3, padding=1) for i in range(4)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(20) for _ in range(4))
        self.head = nn.Linear(20 * 16 * 16, 10)

    def forward(self, x):
        h = self.first(x)
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            a = nn.functional.max_pool2d(norm(convolution(h)), 2).relu()
            h = nn.functional.interpolate(a, scale_factor=2, mode="nearest")
        return self.head(h.flatten(1))


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(48, 32)
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        tokens = x.flatten(1).unflatten(1, (16, 48))
        return self.head(self.encoder(self.embed(tokens)).mean(1))


_NORM = {"batch_norm": True, "initialization": "uniform_fan_in"}
# Module, shape of a sample, batch, the same shape built in.
WORKLOADS: dict[str, tuple[type[nn.Module], tuple[int, ...], int, dict[str, Any] | None]] = {
    "MLP": (
        MLP,
        (1, 28, 28),
        100,
        {"family": "mlp", "depth": 8, "width": 100, **_NORM, "batch_norm": False},
    ),
    "tanh MLP": (
        TanhMLP,
        (1, 28, 28),
        100,
        {
            "family": "mlp",
            "depth": 8,
            "width": 100,
            **_NORM,
            "batch_norm": False,
            "activation": "tanh",
            "bias": True,
        },
    ),
    "convolution": (
        Convolutions,
        (3, 16, 16),
        100,
        {"family": "block_cnn", "depth": 5, "channels": 20, **_NORM},
    ),
    "attention": (Attention, (3, 16, 16), 100, None),
}


def tidy(made: type[nn.Module], x: np.ndarray, y: np.ndarray, batch: int) -> Callable[[], None]:
    """One epoch of one network."""
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    network = made()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)

    def run() -> None:
        order = torch.randperm(len(inputs))
        for start in range(0, len(inputs), batch):
            chosen = order[start : start + batch]
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(inputs[chosen]), targets[chosen]).backward()
            optimizer.step()

    return run


def engine(model: Mapping[str, Any], x: np.ndarray, y: np.ndarray, batch: int, epochs: int):
    """`epochs` epochs of a shard."""
    training = TrainingSettings(
        optimizer="adam", batch_size=batch, epochs=epochs, early_stop=None
    ).model_dump()
    zero = (0.0,) * MEMBERS
    members = {"label_noise": zero, "input_noise": zero, "seed": tuple(range(MEMBERS))}
    if model["family"] != "module":
        members |= {"negative_slope": zero, "dropout": zero}
    plan = ShardPlan(
        key="benchmark",
        run_ids=tuple(map(str, range(MEMBERS))),
        shared={"dtype": "float32", "model": model, "training": training},
        members={**members, "learning_rate": (1e-3,) * MEMBERS},
        checkpoints=(epochs,),
    )
    backend = get_backend("cpu", "float32", torch=needs_torch(model))
    return lambda: train_shard(plan, x, y, n_outputs=10, backend=backend)


def timed(function: Callable[[], Any]) -> float:
    """CPU milliseconds."""
    start = time.process_time()
    function()
    return 1000 * (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    ratios = "module/tidy  module/engine  tidy/engine"
    print(f"{'':12} {'tidy':>8} {'module':>8} {'engine':>8}   {ratios}")
    for name, (made, shape, batch, built_in) in WORKLOADS.items():
        x = rng.normal(size=(N, *shape)).astype(np.float32)
        y = rng.integers(10, size=N)
        module = {"family": "module", "from": f"seams_speed:{made.__name__}", "settings": {}}
        runs: dict[str, tuple[Callable[[], Any], int]] = {"tidy": (tidy(made, x, y, batch), 1)}
        epochs = 3
        runs["module"] = (engine(module, x, y, batch, epochs), epochs * MEMBERS)
        if built_in is not None:
            runs["engine"] = (engine(built_in, x, y, batch, epochs), epochs * MEMBERS)
        times: dict[str, list[float]] = {key: [] for key in runs}
        for _ in range(rounds + 1):
            for key, (function, networks) in runs.items():
                times[key].append(timed(function) / networks)
        # The first round warms up.
        found = {key: statistics.median(values[1:]) for key, values in times.items()}
        known = found.get("engine", float("nan"))
        print(
            f"{name:12} {found['tidy']:8.1f} {found['module']:8.1f} {known:8.1f}   "
            f"{found['module'] / found['tidy']:11.2f}  {found['module'] / known:13.2f}  "
            f"{found['tidy'] / known:11.2f}"
        )


if __name__ == "__main__":
    main()
