"""What jobs ask of a scheduler against what they use: 100 shards of three kinds, twice.

    python benchmarks/job_requests.py [--folder FOLDER] [--pass 1|2] [--jobs 2]

Experiments of trainings with their measuring (wide and deep perceptrons, large images, many kept
checkpoints, double precision, convolutions and Hessians in torch), of chains and of probes run
through Snakemake, a process a job: first where nothing is on record, so that sizes alone tell, then
with another seed of each, so that the first pass corrects. Asked and used are what the records say.
Told are the median of used / asked and the share of jobs above their request; kernels are compiled
in the first pass, as on any new machine. `--pass` does one of the two in a folder that stays.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_DIGITS = "dataset: {{source: digits, n_train: {n}, n_test: 256, size: {size}}}\n"
_SLOPES = "negative_slope: [0, 0.5]"


def _training(n: int, size: int, model: str, grid: str, epochs: int = 2, more: str = "") -> str:
    return (
        _DIGITS.format(n=n, size=size)
        + f"model: {{{model}}}\n"
        + f"training: {{epochs: {epochs}, batch_size: 64, early_stop: null}}\n"
        + f"grid: {{{_SLOPES}, {grid}}}\n"
        + more
    )


_MLP = "family: mlp, depth: 4, width: 64"
_CHAIN = "kind: simulation\nchain: {{order: {order}, steps: 2000}}\n"
_PROBE = "kind: probe\nmodel: {{family: {family}}}\nprobe: {{step: 1e-3, {more}}}\nshard_size: 1\n"

#: Name → an experiment, without its title and seeds, and how many shards a seed makes of it.
EXPERIMENTS: dict[str, tuple[str, int]] = {
    "wide": (
        _training(512, 8, _MLP, "depth: [3, 6], width: [32, 256, 1024, 2048]"),
        8,
    ),
    "images": (_training(1024, 64, _MLP, "width: [32, 128, 512]"), 3),
    "large_images": (_training(1024, 128, _MLP, "width: [32, 128, 512]"), 3),
    "kept": (
        _training(128, 8, _MLP, "depth: [4, 8], width: [128, 256, 512]", 40,
                  "checkpoints: {every: 1}\n"),
        6,
    ),
    "double": (_training(512, 8, _MLP, "width: [64, 512, 1024]", more="dtype: float64\n"), 3),
    "convolutions": (
        _training(256, 16, "family: block_cnn, depth: 3, channels: 8",
                  "depth: [3, 5], channels: [8, 16, 32]"),
        6,
    ),
    "hessians": (
        _training(256, 8, _MLP, "width: [32, 64, 128, 256, 512]",
                  more="measure: {metrics: [data_separation, hessian_trace]}\n"),
        5,
    ),
    "chains": (
        _CHAIN.format(order="first")
        + "grid: {length: [7, 20, 50, 100, 200, 400], "
        + "noise_strength: {from: 0, to: 1, points: 20}}\n"
        + "checkpoints: {every: 10}\n",
        6,
    ),
    "long_chains": (
        _CHAIN.format(order="first")
        + "grid: {length: [7, 20, 50, 100, 200], steps: [1000, 4000, 8000], "
        + "friction_left: {from: 0, to: 0.1, points: 10}}\ncheckpoints: {every: 5}\n",
        15,
    ),
    "inert_chains": (
        _CHAIN.format(order="second")
        + "grid: {length: [7, 20, 50], steps: [1000, 2000, 4000, 8000], "
        + "mass: [1, 2, 4, 8, 16]}\ncheckpoints: {every: 4}\n",
        12,
    ),
    "probes": (
        _PROBE.format(family="mlp", more="samples: 1")
        + "grid: {depth: [10, 20, 40], width: [100, 400, 800, 1600]}\n",
        12,
    ),
    "batches": (
        _PROBE.format(family="residual_mlp", more="samples: 64")
        + "grid: {depth: [10, 20, 40], width: [100, 400, 800, 1600]}\n",
        12,
    ),
    "conditioning": (
        _PROBE.format(family="mlp", more="conditioning: true")
        + "grid: {depth: [10, 20, 40], width: [50, 100, 200]}\n",
        9,
    ),
}  # fmt: skip
RULES = ("train", "measure", "simulate", "probe")


def prepare(folder: Path) -> None:
    """A clone without experiments but these."""
    for name in ("Snakefile", "rules", "scripts", "src", "profiles", "config", "data", "envs"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    for path in (folder / "config" / "experiments").glob("*.yaml"):
        path.unlink()


def run(folder: Path, seed: int, jobs: int, names: list[str]) -> None:
    """Every shard of this seed, those of former ones standing."""
    for name in names:
        text = f"title: {name}\nseeds: {list(range(1, seed + 1))}\n{EXPERIMENTS[name][0]}"
        (folder / "config" / "experiments" / f"{name}.yaml").write_text(text)
    sys.path.insert(0, str(folder / "src"))
    code = (
        "import json, sys; from pathlib import Path; "
        "from layeratlas.workflow.planning import Workflow; "
        "w = Workflow({'preset': 'smoke'}, Path()); "
        "print(json.dumps([p + '.zarr.zip' for e in w.experiments for p in w.results_of(e)]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder, check=True, stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    targets = json.loads(told.stdout)
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", str(jobs), "--quiet", "all",
         "--config", "preset=smoke", "verbose=false", "--", *targets],
        cwd=folder, check=True,
    )  # fmt: skip


def recorded(folder: Path) -> list[dict]:
    """Of every job that was asked for something: asked and used, in the order of their starts."""
    rows = []
    for path in sorted((folder / "provenance" / "records").glob("*/*.json")):
        record = json.loads(path.read_bytes())
        asked = record.get("requested")
        if record["status"] != "ok" or not asked or record["activity"]["rule"] not in RULES:
            continue
        used = (record["peak_memory_bytes"] + (record["frame_memory_bytes"] or 0)) / 2**20
        rows.append(
            {
                "rule": record["activity"]["rule"],
                "experiment": record["activity"]["experiment"],
                "used": used,
                "memory": used / asked["mem_mb"],
                "sized": used / asked["sized_mem_mb"],
                "minutes": record["wall_seconds"] / 60 / asked["runtime"],
                "seconds": record["wall_seconds"],
                "of_sized_seconds": record["wall_seconds"] / asked["sized_seconds"],
            }
        )
    return rows


def told(rows: list[dict]) -> dict[str, dict]:
    """A row a rule, and one of all."""
    report = {}
    for name in (*RULES, "all"):
        some = [row for row in rows if name in (row["rule"], "all")]
        if some:
            memory = sorted(row["memory"] for row in some)
            report[name] = {
                "jobs": len(some),
                "used MB": [round(f(row["used"] for row in some)) for f in (min, max)],
                "median used / asked": round(statistics.median(memory), 2),
                "largest": round(memory[-1], 2),
                "above": sum(share > 1 for share in memory),
                "median minutes / asked": round(
                    statistics.median(row["minutes"] for row in some), 3
                ),
                "largest minutes / asked": round(max(row["minutes"] for row in some), 3),
            }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="kept; default: one that is removed")
    parser.add_argument("--pass", type=int, choices=(1, 2), dest="only", help="only this one")
    parser.add_argument("--jobs", type=int, default=2, help="at a time")
    parser.add_argument("--experiments", nargs="+", default=list(EXPERIMENTS))
    parser.add_argument("--rows", action="store_true", help="print every job")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        if not (folder / "Snakefile").exists():
            folder.mkdir(parents=True, exist_ok=True)
            prepare(folder)
        for seed in (1, 2) if given.only is None else (given.only,):
            before = len(recorded(folder))
            run(folder, seed, given.jobs, given.experiments)
            rows = recorded(folder)[before:]
            print(json.dumps({f"pass {seed}": told(rows)}, indent=1))
            for row in rows if given.rows else ():
                print(json.dumps(row))


if __name__ == "__main__":
    main()
