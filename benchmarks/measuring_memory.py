"""Peak memory of measuring a wide convolutional network on many images.

    python benchmarks/measuring_memory.py [--images 50000] [--channels 64] [--depth 3]

A block CNN at its initial weights, its inputs as large as CIFAR's, is measured by the measuring
job's own function: data separation of every layer, accuracy and loss of 50,000 training and 10,000
test images. The peak is that of a process of its own, resident, images and torch included; the
features of one layer of 64 channels on all images would take 3.3 GB, all that a layer does 13 GB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time


def measured(images: int, channels: int, depth: int, metrics: list[str]) -> dict[str, float]:
    """Measure in this process; GiB of peak memory with and before it, and seconds."""
    from layeratlas.runs.threads import limit_threads

    limit_threads()
    import numpy as np
    import xarray as xr

    from layeratlas.backends import get_backend
    from layeratlas.engine import archive
    from layeratlas.engine.loop import train_shard
    from layeratlas.engine.settings import TrainingSettings
    from layeratlas.measure import measure_shard
    from layeratlas.networks.registry import create_family
    from layeratlas.networks.settings import BlockCNNSettings
    from layeratlas.runs.plan import ShardPlan

    model = BlockCNNSettings(
        family="block_cnn", depth=depth, channels=channels, batch_norm=True
    ).model_dump(mode="json")
    training = TrainingSettings(epochs=1, batch_size=32, early_stop=None).model_dump(mode="json")
    members = {"label_noise": (0.0,), "input_noise": (0.0,), "seed": (1,)}
    for name, group in (("negative_slope", model), ("dropout", model), ("learning_rate", training)):
        members[name] = (float(group.pop(name)),)
    shared = {"model": model, "training": training, "dtype": "float32"}
    plan = ShardPlan("memory", ("run",), shared, members, (1,))
    rng = np.random.default_rng(0)
    image = ("channel", "row", "column")

    def drawn(n: int) -> np.ndarray:
        return rng.standard_normal((n, 3, 32, 32), dtype=np.float32)

    dataset = xr.Dataset(
        {
            "train_inputs": (("train_sample", *image), drawn(images)),
            "train_targets": ("train_sample", rng.integers(10, size=images)),
            "test_inputs": (("test_sample", *image), drawn(images // 5)),
            "test_targets": ("test_sample", rng.integers(10, size=images // 5)),
        },
        attrs={"n_outputs": 10, "target_kind": "classes", "input_kind": "image"},
    )
    dataset["clean_train_targets"] = dataset["train_targets"]
    backend = get_backend("cpu", "float32", torch=True)
    x, y = dataset["train_inputs"].values[:64], dataset["train_targets"].values[:64]
    result = train_shard(plan, x, y, n_outputs=10, backend=backend)
    family = create_family(plan.shared["model"], (3, 32, 32), 10)
    tree = archive.to_tree(plan, family, result, "memory")
    before, start = _peak(), time.perf_counter()
    found = measure_shard(plan, tree, dataset, metrics=metrics, backend=backend)
    assert np.isfinite(found["layers"][metrics[0]].values).all()
    return {
        "peak GiB": round(_peak(), 3),
        "GiB before measuring": round(before, 3),
        "seconds": round(time.perf_counter() - start, 1),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--metrics", nargs="+", default=["data_separation"])
    parser.add_argument("--here", action="store_true", help="in this process")
    asked = parser.parse_args()
    if asked.here:
        report = measured(asked.images, asked.channels, asked.depth, asked.metrics)
        print(json.dumps(report))
        return
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--here"], check=True, stdout=subprocess.PIPE
    )
    print(json.dumps(json.loads(done.stdout), indent=2))


if __name__ == "__main__":
    main()
