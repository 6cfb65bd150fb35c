"""Networks on a GPU: equal to the CPU's, the same twice, and how long a network-epoch takes.

    python benchmarks/seams_gpu.py [--members 32] [--quick]

Built-in MLP, block CNN and three users' modules (dense, convolution with batch norm, attention) are
trained on the same synthetic images, on the CPU (a few members, the first ones) and twice on the
GPU (all members, as many in a graph as its memory takes). The table shows the largest difference
of the losses from the CPU's, in float64 and relative; whether both GPU runs gave the same bits; and
milliseconds a network-epoch in float32 on either device. It ends with status 1 where a difference
is above 1e-6 or two runs differ. Three minutes on a GPU at most.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from seams_speed import WORKLOADS  # noqa: E402

from layeratlas.backends import get_backend  # noqa: E402
from layeratlas.engine.loop import train_shard  # noqa: E402
from layeratlas.engine.settings import TrainingSettings  # noqa: E402
from layeratlas.networks.registry import needs_torch  # noqa: E402
from layeratlas.runs.plan import ShardPlan  # noqa: E402

CPU_MEMBERS = 2
ALIKE = 1e-6


def networks() -> dict[str, tuple[dict[str, Any], tuple[int, ...]]]:
    """Model settings and shape of a sample, by the name in the table."""
    found: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {}
    for name, (made, shape, _, built_in) in WORKLOADS.items():
        if built_in is not None:
            found[built_in["family"]] = built_in, shape
        module = {"family": "module", "from": f"seams_speed:{made.__name__}", "settings": {}}
        found[f"module: {name}"] = module, shape
    return found


def plan_of(model: dict[str, Any], members: int, dtype: str, epochs: int) -> ShardPlan:
    training = TrainingSettings(
        optimizer="sgd", momentum=0.5, batch_size=100, epochs=epochs, early_stop=None
    ).model_dump()
    zero = (0.0,) * members
    own = {"label_noise": zero, "input_noise": zero, "seed": tuple(range(members))}
    if model["family"] != "module":
        own |= {"negative_slope": zero, "dropout": (0.1,) * members}
    return ShardPlan(
        key="benchmark",
        run_ids=tuple(map(str, range(members))),
        shared={"dtype": dtype, "model": model, "training": training},
        members={**own, "learning_rate": (0.01,) * members},
        checkpoints=(epochs,),
    )


def trained(device: str, plan: ShardPlan, x: np.ndarray, y: np.ndarray):
    """Result and seconds of a training."""
    on_cpu = device == "cpu"
    backend = get_backend(
        device, plan.shared["dtype"], torch=not on_cpu or needs_torch(plan.shared["model"])
    )
    start = time.perf_counter()
    result = train_shard(plan, x, y, n_outputs=10, backend=backend)
    if not on_cpu:
        torch.cuda.synchronize()
    return result, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--members", type=int, default=32)
    parser.add_argument("--quick", action="store_true", help="fewer images: to try the script")
    parser.add_argument("--device", default="cuda", help="cpu tries the script without a GPU")
    given = parser.parse_args()
    device, samples, epochs = given.device, 200 if given.quick else 1000, 2
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("no GPU")
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    print(f"{name}, torch {torch.__version__}, {given.members} members, {samples} images")
    print(f"{'':22} {'difference':>10} {'same bits':>9} {'CPU ms':>8} {'GPU ms':>8} {'ratio':>7}")
    rng = np.random.default_rng(0)
    failed = []
    for network, (model, shape) in networks().items():
        y = rng.integers(10, size=samples)
        x = rng.normal(size=(10, *shape))[y] + rng.normal(size=(samples, *shape))
        exact = plan_of(model, CPU_MEMBERS, "float64", 1)
        ours, _ = trained("cpu", exact, x, y)
        theirs, _ = trained(device, exact, x, y)
        difference = float(np.abs(theirs.train_loss / ours.train_loss - 1).max())
        few = plan_of(model, CPU_MEMBERS, "float32", epochs)
        many = plan_of(model, given.members, "float32", epochs)
        x = x.astype(np.float32)
        # Kernels are compiled on their first use, on either device.
        trained("cpu", plan_of(model, 1, "float32", 1), x[:200], y[:200])
        _, cpu_time = trained("cpu", few, x, y)
        first, _ = trained(device, many, x, y)
        second, gpu_time = trained(device, many, x, y)
        same = first.theta.tobytes() == second.theta.tobytes()
        cpu, gpu = (
            1000 * seconds / (members * epochs)
            for seconds, members in ((cpu_time, CPU_MEMBERS), (gpu_time, given.members))
        )
        print(
            f"{network:22} {difference:10.1e} {'yes' if same else 'NO':>9} {cpu:8.1f} {gpu:8.2f} "
            f"{cpu / gpu:7.1f}",
            flush=True,
        )
        if not (difference < ALIKE and same):
            failed.append(network)
    if failed:
        sys.exit(f"not as on the CPU, or not the same twice: {', '.join(failed)}")


if __name__ == "__main__":
    main()
