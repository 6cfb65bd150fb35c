"""Feature matrices and gradient outer products of all maps: time against explicit Jacobians.

    python benchmarks/agop.py

F = WᵀW and G = WᵀKW of every map of a ReLU MLP of 8 layers of 100, 2,560 images and ten outputs,
with the correlation of both, as measuring makes them: one backward pass an output serves all maps,
and K, `(100, 100)`, is multiplied by W once. Baseline: `vmap(jacrev)` of the outputs with respect
to what each map reads, and the mean of the outer products of its rows. Beside it: the same from 16
random projections of a batch of images, and one pass with the gradients of all weights, which a
step of training needs. One thread, CPU seconds, interleaved in one process, medians; that both ways
agree is looked at first.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch.func import jacrev, vmap  # noqa: E402

from layeratlas.backends import get_backend  # noqa: E402
from layeratlas.metrics.registry import METRICS  # noqa: E402
from layeratlas.networks.registry import create_family  # noqa: E402
from layeratlas.networks.settings import MLPSettings  # noqa: E402
from layeratlas.runs.plan import ShardPlan  # noqa: E402
from layeratlas.signals.network import Network, Trained  # noqa: E402
from layeratlas.signals.reading import read  # noqa: E402
from layeratlas.signals.views import Seen, View  # noqa: E402

DEPTH, WIDTH, FEATURES, OUTPUTS, N = 8, 100, 784, 10, 2560
ASKED = ("nfm", "agop", "uc_nfc")


def network() -> Network:
    """One network at its initial weights."""
    settings = MLPSettings(
        family="mlp", depth=DEPTH, width=WIDTH, batch_norm=False, initialization="kaiming_normal"
    )
    model = settings.model_dump(mode="json")
    family = create_family(model, (1, 28, 28), OUTPUTS)
    members = {"seed": (1,), "negative_slope": (0.0,), "dropout": (0.0,)}
    shared = {"model": model, "training": {"loss": "mean_squared_error"}, "dtype": "float32"}
    plan = ShardPlan("agop", ("run",), shared, members, (0,))
    theta, running = (np.asarray(v, np.float32) for v in family.initialize([1]))
    trained = Trained(plan, family, get_backend("cpu", "float32"))
    return Network(trained, np.arange(1), theta, running)


def ours(net: Network, seen: Seen) -> dict[str, list[Any]]:
    """As a shard is measured."""
    found: dict[str, list[Any]] = {name: [] for name in ASKED}
    for name, _, value in read(net, seen, [METRICS[name] for name in ASKED]):
        found[name].append(value)
    return found


def by_jacobians(maps: list[tuple[torch.Tensor, torch.Tensor]], x: torch.Tensor) -> list[Any]:
    """F, G and ρ of every map from explicit gradients of what it reads."""
    reads = [x]
    for w, b in maps[:-1]:
        reads.append(torch.relu(reads[-1] @ w.T + b))
    found = []
    for layer, (w, _) in enumerate(maps):

        def f(row: torch.Tensor, layer: int = layer) -> torch.Tensor:
            for a, b in maps[layer:-1]:
                row = torch.relu(row @ a.T + b)
            return row @ maps[-1][0].T + maps[-1][1]

        rows = vmap(jacrev(f))(reads[layer]).flatten(0, 1)
        g, feature = rows.T @ rows / len(x), w.T @ w
        found.append((feature, g, float((g * feature).sum() / g.norm() / feature.norm())))
    return found


def cpu(function: Callable[[], Any]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    net = network()
    views = net.family.parameters.views(net.theta)
    maps = [
        (torch.as_tensor(views[f"weight_{at}"][0]), torch.as_tensor(views[f"bias_{at}"][0]))
        for at in range(1, DEPTH + 1)
    ]
    x = np.random.default_rng(0).standard_normal((N, FEATURES), dtype=np.float32)
    exact = Seen(View(), x, np.arange(N) % OUTPUTS)
    drawn = Seen(View(projections=16), x, exact.targets)
    rows = torch.as_tensor(x)
    found, expected = ours(net, exact), by_jacobians(maps, rows)
    for at, (feature, g, rho) in enumerate(expected):
        for own, other in ((found["nfm"][at][0], feature), (found["agop"][at][0], g)):
            scale = float(other.abs().max())
            np.testing.assert_allclose(own / scale, other.numpy() / scale, atol=1e-5)
        np.testing.assert_allclose(found["uc_nfc"][at][0], rho, atol=1e-5)

    def step() -> None:
        leaves = [one.detach().requires_grad_() for pair in maps for one in pair]
        h = rows
        for at in range(DEPTH):
            h = h @ leaves[2 * at].T + leaves[2 * at + 1]
            h = torch.relu(h) if at < DEPTH - 1 else h
        torch.autograd.grad(h.square().mean(), leaves)

    cases: dict[str, Callable[[], Any]] = {
        "K exact": lambda: ours(net, exact),
        "16 projections": lambda: ours(net, drawn),
        "vmap(jacrev)": lambda: by_jacobians(maps, rows),
        "a pass with gradients": step,
    }
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(asked.repeats):
        for name, function in cases.items():
            taken[name].append(cpu(function))
    times = {name: statistics.median(some) for name, some in taken.items()}
    for name, seconds in times.items():
        against = times["vmap(jacrev)"] / seconds
        print(f"{name:24} {seconds:8.3f} CPU s   {against:6.1f} × faster than vmap(jacrev)")


if __name__ == "__main__":
    main()
