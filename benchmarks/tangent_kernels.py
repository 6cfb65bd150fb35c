"""Tangent kernels of all affine maps: time against Jacobians and bare Gram products, and memory.

    python benchmarks/tangent_kernels.py [--vgg19]

What is timed is the signal that every alignment is made of (`layeratlas.signals.tangent.walk`): a
differentiable pass, cotangents of all outputs, and the kernel of every map with both its norms and
its products with labels and residual ("kernels"); the walk has 20 permutations of the labels, mean
cosines and the kernel of the whole network as well ("walk"). Baselines: `vmap(jacrev)` of the same
network with the Gram matrix of every layer's Jacobian, centred for its norm; and the Gram products
of the same shapes alone, `(C n × width)` with its transpose, one a layer. Memory is the peak of a
process of its own above what it held when torch and the network were there. `--vgg19` measures the
full-width VGG-19 instead, some minutes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch.func import functional_call, jacrev, vmap  # noqa: E402

from layeratlas.backends import get_backend  # noqa: E402
from layeratlas.networks.registry import create_family  # noqa: E402
from layeratlas.networks.settings import MLPSettings  # noqa: E402
from layeratlas.networks.zoo.vgg import VGG  # noqa: E402
from layeratlas.runs.plan import ShardPlan  # noqa: E402
from layeratlas.signals.network import Network, Trained  # noqa: E402
from layeratlas.signals.tangent.factors import rows_of_kernel  # noqa: E402
from layeratlas.signals.tangent.sums import sums_of  # noqa: E402
from layeratlas.signals.tangent.targets import against  # noqa: E402
from layeratlas.signals.tangent.walk import factors, walked  # noqa: E402
from layeratlas.signals.tape import passed  # noqa: E402
from layeratlas.signals.views import Seen, View  # noqa: E402

CLASSES = 10


def mlp(depth: int, width: int) -> dict[str, Any]:
    """Settings of a ReLU network at the edge of chaos."""
    asked = {"depth": depth, "width": width, "batch_norm": False}
    settings = MLPSettings(family="mlp", initialization="kaiming_normal", **asked)
    return settings.model_dump(mode="json")


def vgg(depth: int, width: float) -> dict[str, Any]:
    """Settings of a VGG of that depth and width multiplier."""
    return {
        "family": "module",
        "from": "layeratlas.networks.zoo.vgg:VGG",
        "settings": {"depth": depth, "width": width},
        "layers": None,
        "initialization": "own",
        "initialization_settings": {},
    }


def network_of(model: Mapping[str, Any], shape: tuple[int, ...]) -> Network:
    """One network at its initial weights."""
    family = create_family(model, shape, CLASSES)
    members = {"seed": (1,), "negative_slope": (0.0,), "dropout": (0.0,)}
    shared = {"model": dict(model), "training": {"loss": "cross_entropy"}, "dtype": "float32"}
    plan = ShardPlan("tangent", ("run",), shared, members, (0,))
    theta, statistics_ = family.initialize([1])
    trained = Trained(plan, family, get_backend("cpu", "float32", torch=True))
    return Network(trained, np.arange(1), theta, statistics_)


def images(n: int, shape: tuple[int, ...]) -> Seen:
    """Balanced classes of Gaussian images."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, int(np.prod(shape))), dtype=np.float32)
    return Seen(View(), x, np.arange(n) % CLASSES)


def cpu(function: Callable[[], Any]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def kernels(network: Network, seen: Seen) -> None:
    """Kernels of all maps, with their norms, alone."""
    there = passed(network, seen)
    vectors = against(there.f[0], there.targets, there.loss, there.key).vectors
    for _, (one,) in factors(network, there):
        sums_of(rows_of_kernel(one), vectors)


def by_jacobians(net: torch.nn.Module, x: torch.Tensor, layers: list[list[str]]) -> None:
    """Centred norms of every layer's kernel from the Jacobian of all examples."""
    named = dict(net.named_parameters())

    def f(parameters, one):
        return functional_call(net, parameters, (one[None],))[0]

    jacobians = vmap(jacrev(f), (None, 0))(named, x)
    for names in layers:
        psi = torch.cat([jacobians[name].flatten(2) for name in names], dim=-1)
        psi = (psi - psi.mean(0)).transpose(0, 1).flatten(0, 1)
        torch.linalg.vector_norm(psi @ psi.T)


def plain_mlp(depth: int, width: int, features: int) -> torch.nn.Sequential:
    sizes = [features, *[width] * (depth - 1), CLASSES]
    parts: list[torch.nn.Module] = []
    for a, b in itertools.pairwise(sizes):
        parts += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def layers_of(net: torch.nn.Module) -> list[list[str]]:
    """Names of the tensors of each layer."""
    found: dict[str, list[str]] = {}
    for name, _ in net.named_parameters():
        found.setdefault(name.rpartition(".")[0], []).append(name)
    return list(found.values())


def ratios(repeats: int) -> None:
    """Times, interleaved, medians."""
    shape, n = (1, 28, 28), 256
    small, seen = network_of(mlp(8, 100), shape), images(n, shape)
    twin, x = plain_mlp(8, 100, 784), torch.as_tensor(seen.x)
    colour = (3, 32, 32)
    quarter, fifty = network_of(vgg(11, 0.25), colour), images(50, colour)
    conv, squares = VGG(colour, CLASSES, 11, 0.25), torch.as_tensor(fifty.x).view(-1, *colour)
    deep, many = network_of(mlp(100, 256), shape), images(200, shape)
    rows = torch.randn(200 * CLASSES, 256)

    def bare() -> None:
        for _ in range(100):
            rows @ rows.T

    cases = {
        "MLP, 8 layers of 100, n 256: kernels": lambda: kernels(small, seen),
        "MLP, 8 layers of 100, n 256: vmap(jacrev)": lambda: by_jacobians(twin, x, layers_of(twin)),
        "VGG-11 at 1/4, n 50: walk": lambda: walked(quarter, passed(quarter, fifty)),
        "VGG-11 at 1/4, n 50: vmap(jacrev)": lambda: by_jacobians(conv, squares, layers_of(conv)),
        "MLP, 100 layers of 256, n 200: walk": lambda: walked(deep, passed(deep, many)),
        "MLP, 100 layers of 256, n 200: bare Gram products": bare,
    }
    cases["MLP, 8 layers of 100, n 256: walk"] = lambda: walked(small, passed(small, seen))
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, function in cases.items():
            taken[name].append(cpu(function))
    times = {name: statistics.median(some) for name, some in taken.items()}
    for name, seconds in times.items():
        print(f"{name:52} {seconds:8.3f} s")
    names = list(times)
    pairs = [*zip(names[:6:2], names[1:6:2], strict=True), (names[6], names[1])]
    for ours, theirs in pairs:
        print(f"{ours:42} {times[theirs] / times[ours]:8.2f} × faster than {theirs}")


CASES: dict[str, tuple[dict[str, Any], int, tuple[int, ...]]] = {
    "MLP, 100 layers of 256, n 200": (mlp(100, 256), 200, (1, 28, 28)),
    "VGG-19 at full width, n 200": (vgg(19, 1), 200, (3, 32, 32)),
}


def peak(case: str) -> dict[str, float]:
    """MiB of this process before and at the most, and CPU seconds."""
    model, n, shape = CASES[case]
    network, seen = network_of(model, shape), images(n, shape)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = cpu(lambda: walked(network, passed(network, seen)))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"before": before, "above": most - before, "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--vgg19", action="store_true")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peak:
        print(json.dumps(peak(asked.peak)))
        return
    for case in list(CASES)[: 2 if asked.vgg19 else 1]:
        call = [sys.executable, __file__, "--peak", case]
        found = json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)
        print(
            f"{case}: {found['above']:.0f} MiB above the {found['before']:.0f} MiB of the idle "
            f"process, {found['seconds']:.1f} CPU s",
            flush=True,
        )
    if not asked.vgg19:
        ratios(asked.repeats)


if __name__ == "__main__":
    main()
