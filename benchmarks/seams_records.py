"""Memory of a training whose weights are more than memory holds: 40 networks of 20 M parameters.

    python benchmarks/seams_records.py [--networks 40] [--width 1950] [--torch] [--folder /tmp]

Trains each for two steps and keeps three records, through the file that weights stream to, into a
published archive, as `scripts/train.py` does; tells the peak of the process's own memory (RSS) and
how much of it is above what importing torch takes. It needs 20 GB of disk while it runs.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from layeratlas.backends import get_backend
from layeratlas.engine import archive, checkpoint
from layeratlas.engine.kept import KeptInFile
from layeratlas.engine.loop import train_shard
from layeratlas.engine.settings import TrainingSettings
from layeratlas.kinds.training import MEMBER_SETTINGS
from layeratlas.networks.registry import create_family
from layeratlas.networks.settings import MLPSettings
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.records import Point
from layeratlas.runs.settings import plain_settings
from layeratlas.storage import publish


def plan_of(networks: int, width: int) -> ShardPlan:
    """Networks of 3072 inputs, six layers and ten classes."""
    model = plain_settings(MLPSettings(depth=6, width=width, batch_norm=False))
    training = plain_settings(
        TrainingSettings(optimizer="sgd", momentum=0.9, epochs=2, batch_size="full")
    )
    values = {
        "negative_slope": 0.1, "dropout": 0.0, "learning_rate": 1e-3, "label_noise": 0.0,
        "input_noise": 0.0,
    }  # fmt: skip
    for path in MEMBER_SETTINGS.values():
        model.pop(path[-1], None)
        training.pop(path[-1], None)
    members = {name: (value,) * networks for name, value in values.items()}
    return ShardPlan(
        key="benchmark",
        run_ids=tuple(f"run{i}" for i in range(networks)),
        shared={"model": model, "training": training, "dtype": "float32"},
        members={**members, "seed": tuple(range(1, networks + 1))},
        checkpoints=(0, Point(step=1), Point(epoch=2, label="final")),
    )


def peak() -> float:
    """The most memory that the process has had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=40)
    parser.add_argument("--width", type=int, default=1950)
    parser.add_argument("--torch", action="store_true")
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    backend = get_backend("cpu", "float32", torch=given.torch)
    before = peak()
    rng = np.random.default_rng(1)
    images, labels = rng.standard_normal((32, 3072), np.float32), rng.integers(10, size=32)
    plan = plan_of(given.networks, given.width)
    family = create_family(plan.shared["model"], (3072,), 10)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        state = Path(folder, "state.npz")
        result = train_shard(
            plan, images, labels, n_outputs=10, backend=backend,
            kept=partial(KeptInFile, Path(folder, "state.weights")),
            save=lambda arrays: checkpoint.save(state, "benchmark", arrays), save_every=30.0,
        )  # fmt: skip
        trained = peak()
        print(f"trained in {time.monotonic() - started:.0f} s, peak {trained:.2f} GiB", flush=True)
        publish(archive.to_tree(plan, family, result, "a benchmark"), Path(folder, "x.zarr.zip"))
        result.kept.discard()
        size = Path(folder, "x.zarr.zip").stat().st_size / 2**30
    print(
        f"{given.networks} networks of {family.parameters.size / 1e6:.1f} M parameters, three "
        f"records, backend {backend.name}: archive {size:.1f} GiB, "
        f"{time.monotonic() - started:.0f} s; peak {peak():.2f} GiB, "
        f"{peak() - before:.2f} GiB above imports ({before:.2f} GiB)"
    )


if __name__ == "__main__":
    main()
