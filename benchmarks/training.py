"""CPU seconds a network-epoch: the ensemble engine against what papers' code does.

    python benchmarks/training.py [--rounds 5]

Candidates, one thread each, interleaved in one process so that all see the same machine:

- loader: torch DataLoader with a per-image transform (PIL image → tensor → anti-aliased resize →
  normalise, as in the released code of the spring–block paper; the data set of the usual vision
  library gives PIL images), nn.Sequential, autograd, torch.optim.Adam, one network at a time;
- tidy: the same network and optimiser, but images prepared once and drawn by index tensors;
- engine: `layeratlas.engine.loop.train_shard`, a shard of several networks.

Workloads: W1 784-100×7-10, batch 100, label and input noise redrawn each step; W2 100-100×7-10
with batch norm on the input and before every activation, full batch of 2,560. Adam in both.
The share of the GEMM rate is FLOP / time against one 2048³ product of the engine's own BLAS.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, Dataset  # noqa: E402

from layeratlas.backends import get_backend  # noqa: E402
from layeratlas.datasets import load_source, preprocess, sample_permutation  # noqa: E402
from layeratlas.engine.loop import train_shard  # noqa: E402
from layeratlas.runs.plan import ShardPlan  # noqa: E402

N, DEPTH, WIDTH, NOISE, SLOPE = 2560, 8, 100, 0.3, 0.2
WORKLOADS = {
    "W1": {"batch": 100, "size": 28, "batch_norm": False, "noise": NOISE, "members": 8},
    "W2": {"batch": N, "size": 10, "batch_norm": True, "noise": 0.0, "members": 4},
}


def images_and_labels() -> tuple[np.ndarray, np.ndarray]:
    raw = load_source("mnist_5k")
    order = sample_permutation(len(raw.train_images), 1)[:N]
    return raw.train_images[order], raw.train_labels[order]


class ImageSet(Dataset):
    """One PIL image at a time through ToTensor, Resize and Normalize, as vision code does it."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, size: int):
        self.images, self.labels, self.size = images[:, 0], labels, size

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int):
        image = Image.fromarray(self.images[i])
        x = torch.from_numpy(np.array(image, np.uint8))[None].float().div(255)
        if x.shape[-1] != self.size:
            x = nn.functional.interpolate(
                x[None], size=(self.size, self.size), mode="bilinear", antialias=True
            )[0]
        # Mean 0 and standard deviation 1, as in that code: the identity, but it is computed.
        x = x.sub(torch.zeros(1, 1, 1)).div(torch.ones(1, 1, 1))
        return x.flatten(), int(self.labels[i])


def network(n_features: int, batch_norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = [nn.BatchNorm1d(n_features)] if batch_norm else []
    size = n_features
    for _ in range(DEPTH - 1):
        layers.append(nn.Linear(size, WIDTH))
        if batch_norm:
            layers.append(nn.BatchNorm1d(WIDTH))
        layers.append(nn.LeakyReLU(SLOPE))
        size = WIDTH
    return nn.Sequential(*layers, nn.Linear(size, 10))


def corrupt(x: torch.Tensor, y: torch.Tensor, p: float):
    if p:
        chosen = torch.randperm(len(y))[: int(p * len(y))]
        y = y.clone()
        y[chosen] = torch.randint(0, 10, (len(chosen),))
        x = x + p * x.std() * torch.randn_like(x)
    return x, y


class TorchNetwork:
    """One network with autograd and torch.optim.Adam; `fused` picks the fused optimiser."""

    def __init__(self, n_features: int, batch_norm: bool, noise: float, fused: bool = False):
        self.net = network(n_features, batch_norm)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-3, fused=fused)
        self.noise = noise

    def step(self, x: torch.Tensor, y: torch.Tensor) -> None:
        x, y = corrupt(x, y, self.noise)
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(self.net(x), y).backward()
        self.optimizer.step()


def loader_epoch(images, labels, w) -> callable:
    data = ImageSet(images, labels, w["size"])
    loader = DataLoader(data, batch_size=w["batch"], shuffle=True)
    model = TorchNetwork(w["size"] ** 2, w["batch_norm"], w["noise"])

    def run():
        for x, y in loader:
            model.step(x, y)

    return run


def tidy_epoch(images, labels, w, fused: bool = False) -> callable:
    x = torch.from_numpy(preprocess(images, size=w["size"]).reshape(N, -1))
    y = torch.from_numpy(labels.astype(np.int64))
    model = TorchNetwork(w["size"] ** 2, w["batch_norm"], w["noise"], fused)

    def run():
        order = torch.randperm(N)
        for start in range(0, N, w["batch"]):
            chosen = order[start : start + w["batch"]]
            model.step(x[chosen], y[chosen])

    return run


def engine_epoch(images, labels, w) -> callable:
    """One epoch of `members` networks; times are divided by their number."""
    x = preprocess(images, size=w["size"]).reshape(N, -1)
    k = w["members"]
    plan = ShardPlan(
        key="benchmark",
        run_ids=tuple(map(str, range(k))),
        shared={
            "dtype": "float32",
            "model": {
                "family": "mlp",
                "depth": DEPTH,
                "width": WIDTH,
                "batch_norm": w["batch_norm"],
                "initialization": "uniform_fan_in",
            },
            "training": {
                "optimizer": "adam",
                "beta1": 0.9,
                "beta2": 0.999,
                "eps": 1e-8,
                "batch_size": w["batch"],
                "epochs": w["epochs"],
                "loss": "cross_entropy",
                "early_stop": None,
            },
        },
        members={
            "negative_slope": (SLOPE,) * k,
            "dropout": (0.0,) * k,
            "learning_rate": (1e-3,) * k,
            "label_noise": (w["noise"],) * k,
            "input_noise": (w["noise"],) * k,
            "seed": tuple(range(k)),
        },
        checkpoints=(w["epochs"],),
    )
    backend = get_backend("cpu")
    return lambda: train_shard(plan, x, labels, n_outputs=10, backend=backend)


def flop_per_epoch(w) -> float:
    """Forward, weight and input gradient; the first layer needs no input gradient."""
    first, rest = w["size"] ** 2 * WIDTH, (DEPTH - 2) * WIDTH**2 + WIDTH * 10
    return 2.0 * N * (3 * (first + rest) - first)


def gemm_rate() -> float:
    a = np.random.default_rng(0).standard_normal((2048, 2048)).astype(np.float32)
    out = np.empty_like(a)
    start = time.process_time()
    np.matmul(a, a, out=out)
    return 2 * 2048.0**3 / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="also write the numbers to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    images, labels = images_and_labels()
    report = {}
    for name, w in WORKLOADS.items():
        # The engine's epoch is short: several in one call, so that set-up weighs as in a real job.
        w = {**w, "epochs": 10}
        candidates = {
            "loader": (loader_epoch(images, labels, w), 1),
            "tidy": (tidy_epoch(images, labels, w), 1),
            "tidy, fused Adam": (tidy_epoch(images, labels, w, fused=True), 1),
            "engine": (engine_epoch(images, labels, w), w["members"] * w["epochs"]),
        }
        times = {candidate: [] for candidate in candidates}
        rates = []
        for run, _ in candidates.values():
            run()
        for _ in range(arguments.rounds):
            rates.append(gemm_rate())
            for candidate, (run, networks) in candidates.items():
                # Short candidates repeat, so that each sample is about a quarter second.
                repeat = 1 if candidate in ("engine", "loader") else 10
                start = time.process_time()
                for _ in range(repeat):
                    run()
                times[candidate].append((time.process_time() - start) / repeat / networks)
        median = {candidate: statistics.median(t) for candidate, t in times.items()}
        engine = median["engine"]
        rate = statistics.median(rates)
        share = flop_per_epoch(w) / engine / rate
        report[name] = {
            "cpu_ms_per_network_epoch": {c: round(1e3 * t, 2) for c, t in median.items()},
            "engine_times_faster_than": {
                c: round(t / engine, 2) for c, t in median.items() if c != "engine"
            },
            "engine_share_of_gemm_rate": round(share, 3),
            "gemm_2048_gflops": round(rate / 1e9, 1),
        }
        print(name, json.dumps(report[name], indent=2))
    if arguments.json:
        from pathlib import Path

        Path(arguments.json).write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
