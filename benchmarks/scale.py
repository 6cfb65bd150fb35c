"""What planning and the file system bear: an experiment of many shards, from nothing and finished.

    python benchmarks/scale.py [--shards 1000 3000 10000] [--keep FOLDER]

For each number, in a temporary copy of the workflow: an experiment of that many runs, a run a shard,
so twice as many jobs and a cube. One shard is made through Snakemake, and the inodes that its jobs
leave are counted. All others are synthetic: plans, archives, manifests, receipts and records are
written by the functions that jobs use, with the parameters that the rules pass, but the numbers in
the archives are those of the first. Measured are

- from nothing: `snakemake -n` of the cube where no shard is there, all jobs to do;
- finished: the same where all is there. It must find nothing to do;
- a job: `snakemake -n` as a cluster's job plans, of one shard alone, in the finished project;
- inodes: files and folders under results/, provenance/ and .snakemake/, over the jobs.

Wall and CPU seconds and peak resident memory are those of the process with its children.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.seals import SEAL
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.schema import Record
from layeratlas.provenance.record.writing import write_record
from layeratlas.runs.plan import write_plan
from layeratlas.storage import read_manifest
from layeratlas.storage.atomic import write_durably
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.receipts import leave

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("Snakefile", "rules", "scripts", "src", "profiles", "envs", "config/config.yaml")
NAME, PRESET = "scale", "smoke"
RESULTS = f"results/{PRESET}"
CUBE = f"{RESULTS}/cubes/{NAME}.json"
KEPT = ("results", "provenance", "store", ".snakemake")


def experiment(shards: int) -> str:
    """Networks of the least size, as many as `shards`, one a shard."""
    slopes = [i / shards for i in range(shards)]
    return json.dumps(
        {
            "title": "Many shards",
            "dataset": {"source": "digits", "n_train": 64, "n_test": 32, "size": 4},
            "model": {"depth": 2, "width": 4},
            "training": {"epochs": 1, "batch_size": 32},
            "grid": {"negative_slope": slopes},
            "shard_size": 1,
        }
    )


def copy(folder: Path, shards: int) -> None:
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    experiments = folder / "config" / "experiments"
    experiments.mkdir()
    (experiments / f"{NAME}.yaml").write_text(experiment(shards), encoding="utf-8")


# --- measuring --------------------------------------------------------------------------------
def snakemake(folder: Path, target: str, *options: str) -> dict[str, Any]:
    """Cost of one invocation, with the jobs it tells of (`jobs`); ends where it fails."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *options]
    command += ["--config", f"preset={PRESET}", "--", target]
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    with tempfile.TemporaryFile() as told:
        before = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=told, stderr=told
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        text = told.read().decode()
    if process.returncode:
        sys.exit(text)
    nothing = "Nothing to be done" in text
    counted = re.search(r"^total +(\d+)$", text, re.M)
    return {
        "jobs": 0 if nothing else int(counted[1]) if counted else None,
        "wall_s": round(wall, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_gb": round(used.ru_maxrss * 1024 / 1e9, 2),
    }


def inodes(folder: Path) -> int:
    """Files and folders of what the workflow keeps."""
    return sum(1 for name in KEPT for _ in (folder / name).rglob("*"))


# --- a finished project -------------------------------------------------------------------------
class Files(list):
    """Files or values with names, as scripts get them."""

    def __init__(self, **named: Any):
        many = [v if isinstance(v, list) else [v] for v in named.values()]
        super().__init__(item for values in many for item in values)
        self._named = named

    def items(self) -> Iterable[tuple[str, Any]]:
        return self._named.items()


def left(atlas: Workflow, rule: str, at: dict[str, str], given: Files, made: Files) -> None:
    """The receipt of a job of the present plan."""
    params = Files(**{name: atlas.param(rule, name, at) for name in JOBS[rule].names})
    job = SimpleNamespace(rule=rule, wildcards=at, params=params, input=given, output=made)
    leave(job, PRESET)


class Recorded:
    """Writes records like that of one job, of others."""

    def __init__(self, rule: str):
        documents = map(read_json, Path(RECORDS).rglob("*.json"))
        document, *_ = (d for d in documents if d["activity"]["rule"] == rule)
        self.first = Record(**{key: value for key, value in document.items() if key != SEAL})
        self._written = 0

    def write(self, key: str) -> None:
        self._written += 1
        started = datetime.fromisoformat(self.first.started) + timedelta(seconds=self._written)
        name = re.compile(f"(?<={NAME}/)[0-9a-f]{{16}}")
        files = {
            part: tuple(
                state.model_copy(update={"path": name.sub(key, state.path)})
                for state in getattr(self.first, part)
            )
            for part in ("inputs", "outputs")
        }
        record = self.first.model_copy(
            update={
                "id": f"{started.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{self._written:012x}",
                "started": started.isoformat(),
                "ended": (started + timedelta(seconds=1)).isoformat(),
                "activity": self.first.activity.model_copy(
                    update={"wildcards": {"experiment": NAME, "key": key}}
                ),
                **files,
            }
        )
        write_record(record)


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def finish(folder: Path) -> None:
    """All but the first shard, which is there, and the cube: as if their jobs had run."""
    with inside(folder):
        atlas = Workflow({"preset": PRESET}, Path())
        plans = atlas.shards(NAME)
        rest = [plan for plan in plans if not Path(f"{stem('measurements', plan.key)}.json").exists()]
        (first, *_) = (plan for plan in plans if plan not in rest)
        data = f"{RESULTS}/datasets/{atlas.dataset_key(first)}"
        given = {"manifest": f"{data}.json", "data": f"{data}.zarr.zip"}
        records = {rule: Recorded(rule) for rule in ("train", "measure")}
        for plan in rest:
            at = {"experiment": NAME, "key": plan.key}
            shard, measured = (stem(kind, plan.key) for kind in ("shards", "measurements"))
            write_plan(Path(shard).parent, plan)
            for kind, path in (("shards", shard), ("measurements", measured)):
                again(stem(kind, first.key), path)
            made = Files(shard=f"{shard}.zarr.zip", manifest=f"{shard}.json")
            left(atlas, "train", at, Files(**given), made)
            read = Files(
                manifest=f"{shard}.json",
                shard=f"{shard}.zarr.zip",
                **{("data_manifest" if k == "manifest" else k): v for k, v in given.items()},
            )
            made = Files(measurement=f"{measured}.zarr.zip", manifest=f"{measured}.json")
            left(atlas, "measure", at, read, made)
            for record in records.values():
                record.write(plan.key)
        manifests = [f"{path}.json" for path in atlas.results_of(NAME)]
        cube = f"{RESULTS}/cubes/{NAME}"
        again(stem("measurements", first.key), cube)
        made = Files(cube=f"{cube}.zarr.zip", manifest=f"{cube}.json")
        left(atlas, "assemble_cube", {"experiment": NAME}, Files(manifests=manifests), made)


def again(old: str, new: str) -> None:
    """The archive `old` and its manifest under another name."""
    Path(new).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(f"{old}.zarr.zip", f"{new}.zarr.zip")
    manifest = replace(read_manifest(f"{old}.json"), file=Path(f"{new}.zarr.zip").name)
    write_durably(Path(f"{new}.json"), manifest.to_json())


def stem(kind: str, key: str) -> str:
    """Where a result lies, without suffix."""
    return f"{RESULTS}/{kind}/{NAME}/{key}"


def measured(folder: Path, shards: int) -> dict[str, Any]:
    copy(folder, shards)
    report: dict[str, Any] = {"shards": shards, "from nothing": snakemake(folder, CUBE, "-n")}
    with inside(folder):
        atlas = Workflow({"preset": PRESET}, Path())
        first, second = atlas.shards(NAME)[:2]
    # Compiled kernels, folders and the data set come with the first shard, and count for none.
    snakemake(folder, f"{RESULTS}/measurements/{NAME}/{second.key}.json")
    before = inodes(folder)
    snakemake(folder, f"{RESULTS}/measurements/{NAME}/{first.key}.json")
    # One file an invocation is Snakemake's own log.
    report["inodes a job, really run"] = (inodes(folder) - before - 1) / 2
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shards", type=int, nargs="+", default=[1000, 3000, 10000])
    parser.add_argument("--keep", type=Path, help="a folder for the finished project")
    arguments = parser.parse_args()
    for shards in arguments.shards:
        with tempfile.TemporaryDirectory() as temporary:
            folder = arguments.keep or Path(temporary)
            report = measured(folder, shards)
            before = time.monotonic()
            finish(folder)
            report["filled in s"] = round(time.monotonic() - before, 1)
            report["finished"] = snakemake(folder, CUBE, "-n")
            report["inodes a job"] = round(inodes(folder) / (2 * shards), 2)
            print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
