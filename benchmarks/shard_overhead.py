"""What a shard costs beside training: start-up, publishing, Snakemake.

    python benchmarks/shard_overhead.py [--networks 40] [--epochs 97]

A shard of W1 (784-100×7-10, batch 100, noise; 97 epochs are 2,522 steps) is trained once by a
call of `train_shard` in this process (the baseline) and once as a user would, by `snakemake` in an
empty folder whose data set is prepared already. Overhead = 1 − baseline / whole, in CPU seconds of
the whole process tree, for the training target and for training with measurement.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from layeratlas.runs.threads import limit_threads

limit_threads()

from layeratlas.backends import get_backend  # noqa: E402
from layeratlas.engine.loop import train_shard  # noqa: E402
from layeratlas.storage import open_dataset  # noqa: E402
from layeratlas.workflow.planning import Workflow  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
EXPERIMENT = """
title: Overhead of a shard
dataset: {{source: mnist_5k, n_train: 2560}}
model: {{family: mlp, depth: 8, width: 100, batch_norm: false}}
noise: {{kind: fresh, data_noise: 0.3}}
training: {{batch_size: 100, epochs: {epochs}, early_stop: null}}
grid: {{negative_slope: [0, 0.2, 0.4, 0.6, 0.8]}}
seeds: {seeds}
"""


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def snakemake(folder: Path, target: str) -> tuple[float, float]:
    """CPU and wall seconds of one invocation."""
    cpu, wall = children_cpu(), time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all", "--", target],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return children_cpu() - cpu, time.monotonic() - wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=97)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in ("Snakefile", "rules", "scripts", "src", "profiles", "config", "data", "envs"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        text = EXPERIMENT.format(epochs=arguments.epochs, seeds=arguments.networks // 5)
        (folder / "config/experiments/overhead.yaml").write_text(text)
        atlas = Workflow({"verbose": False}, folder)
        (plan,) = atlas.shards("overhead")
        data = f"{atlas.results}/datasets/{atlas.dataset_key(plan)}.zarr.zip"
        snakemake(folder, data)
        with open_dataset(folder / data) as dataset:
            images = dataset["train_inputs"].values.reshape(dataset.sizes["train_sample"], -1)
            labels = dataset["train_targets"].values
        # Compile the kernels before anything is timed: that happens once a machine.
        backend = get_backend("cpu")
        start = time.process_time()
        train_shard(plan, images, labels, n_outputs=10, backend=backend)
        baseline = time.process_time() - start
        shard, _ = snakemake(folder, f"{atlas.results}/shards/overhead/{plan.key}.zarr.zip")
        measured, _ = snakemake(
            folder, f"{atlas.results}/measurements/overhead/{plan.key}.zarr.zip"
        )
    report = {
        "networks": plan.size,
        "steps_each": arguments.epochs * 26,
        "training_cpu_s": round(baseline, 1),
        "shard_job_cpu_s": round(shard, 1),
        "overhead_of_training": round(1 - baseline / shard, 4),
        "measuring_invocation_cpu_s": round(measured, 1),
        "overhead_with_measurement": round(1 - baseline / (shard + measured), 4),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
