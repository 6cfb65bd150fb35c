"""What planning and the file system bear: an experiment of many shards, from nothing and finished.

    python benchmarks/scale.py [--shards 1000 3000 10000] [--keep FOLDER]

For each number, in a temporary copy of the workflow: an experiment of that many runs, a run a
shard, so twice as many jobs and a cube. One shard is made through Snakemake. All others are
synthetic: plans, manifests, receipts and records are written by the functions that jobs use, with
the parameters that the rules pass, but all archives hold the numbers of the first. Measured are

- from nothing: `snakemake -n` of the cube where no shard is there, all jobs to do;
- finished: the same where all is there. It must find nothing to do;
- a job: what a job plans before it measures one shard of them, Snakemake's own start included;
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
from layeratlas.runs.plan import ShardPlan, write_plan
from layeratlas.storage import read_manifest
from layeratlas.storage.atomic import write_bytes_atomic
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
    """Networks of the least size, as many as `shards`, a multiple of ten, one a shard.

    One of more shards has all those of one of fewer.
    """
    slopes = 10 if shards % 100 else 100
    return json.dumps(
        {
            "title": "Many shards",
            "dataset": {"source": "digits", "n_train": 64, "n_test": 32, "size": 4},
            "model": {"depth": 2, "width": 4},
            "training": {"epochs": 1, "batch_size": 32},
            "grid": {
                "negative_slope": [i / 100 for i in range(slopes)],
                "dropout": [i / 10_000 for i in range(shards // slopes)],
            },
            "shard_size": 1,
        }
    )


def copy(folder: Path) -> None:
    """The workflow without its experiments."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    (folder / "config" / "experiments").mkdir()


def ask(folder: Path, shards: int) -> None:
    """The experiment of so many shards."""
    path = folder / "config" / "experiments" / f"{NAME}.yaml"
    path.write_text(experiment(shards), encoding="utf-8")


# --- measuring --------------------------------------------------------------------------------
def snakemake(folder: Path, target: str, *options: str) -> dict[str, Any]:
    """Cost of one invocation, with the jobs it tells of (`jobs`); ends where it fails."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *options]
    command += ["--config", f"preset={PRESET}", "--", *([target] if target else [])]
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    with tempfile.TemporaryFile() as told:
        before = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=told, stderr=told)
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


def kept(folder: Path) -> set[str]:
    """Files and folders of what the workflow keeps, relative to the project's."""
    found = (path for name in KEPT for path in (folder / name).rglob("*"))
    return {path.relative_to(folder).as_posix() for path in found}


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
        paths = sorted(Path(RECORDS).rglob("*.json"))
        document = next(d for d in map(read_json, paths) if d["activity"]["rule"] == rule)
        self.first = Record(**{key: value for key, value in document.items() if key != SEAL})
        # Of the ids that it makes, none is there yet.
        self._written = len(paths)

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
def inside(folder: Path) -> Iterator[Workflow]:
    """The plans of this moment, the working folder in the project."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield Workflow({"preset": PRESET}, Path())
    finally:
        os.chdir(before)


def plans(folder: Path) -> list[ShardPlan]:
    with inside(folder) as atlas:
        return atlas.shards(NAME)


def finish(folder: Path) -> None:
    """What is missing of the shards, and the cube, as if their jobs had run; one must be there."""
    with inside(folder) as atlas:
        found = {plan.key: Path(result("measurements", plan.key)) for plan in atlas.shards(NAME)}
        first = next(key for key, path in found.items() if path.exists())
        records = {rule: Recorded(rule) for rule in ("train", "measure")}
        for plan in atlas.shards(NAME):
            if not found[plan.key].exists():
                _finish(atlas, plan, first)
                for record in records.values():
                    record.write(plan.key)
        manifests = [f"{path}.json" for path in atlas.results_of(NAME)]
        again(result("measurements", first), CUBE)
        made = Files(cube=archive(CUBE), manifest=CUBE)
        left(atlas, "assemble_cube", {"experiment": NAME}, Files(manifests=manifests), made)


def _finish(atlas: Workflow, plan: ShardPlan, first: str) -> None:
    """What the two jobs of a shard leave but for their records, with the numbers of another's."""
    at = {"experiment": NAME, "key": plan.key}
    shard, measured = (result(kind, plan.key) for kind in ("shards", "measurements"))
    data = f"{RESULTS}/datasets/{atlas.dataset_key(plan)}.json"
    write_plan(Path(shard).parent, plan)
    again(result("shards", first), shard)
    again(result("measurements", first), measured)
    read = Files(manifest=data, data=archive(data))
    left(atlas, "train", at, read, Files(shard=archive(shard), manifest=shard))
    read = Files(manifest=shard, shard=archive(shard), data_manifest=data, data=archive(data))
    left(atlas, "measure", at, read, Files(measurement=archive(measured), manifest=measured))


def again(old: str, new: str) -> None:
    """A result under another name: the archive, and the manifest `old` that speaks of it."""
    Path(new).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(archive(old), archive(new))
    manifest = replace(read_manifest(old), file=Path(archive(new)).name)
    write_bytes_atomic(new, manifest.to_json())


def result(kind: str, key: str) -> str:
    """The manifest of a shard's result."""
    return f"{RESULTS}/{kind}/{NAME}/{key}.json"


def archive(manifest: str) -> str:
    return manifest.removesuffix(".json") + ".zarr.zip"


def measured(folder: Path, shards: int) -> dict[str, Any]:
    """All numbers of one size; the folder may hold the finished project of a smaller one."""
    empty, finished = folder / "empty", folder / "finished"
    for project in (empty, finished):
        if not project.exists():
            copy(project)
        ask(project, shards)
    report: dict[str, Any] = {"from nothing": snakemake(empty, CUBE, "-n")}
    if not (finished / "results").exists():
        snakemake(finished, result("measurements", plans(finished)[0].key))
    before = time.monotonic()
    finish(finished)
    report["filled in s"] = round(time.monotonic() - before, 1)
    report["finished"] = snakemake(finished, CUBE, "-n")
    report["a job"] = snakemake(finished, "", *planning_of_a_job(plans(finished)[-1].key))
    # Of the experiment: the data set and what is there once are in it too.
    report["inodes a job"] = round(len(kept(finished)) / (2 * shards), 2)
    return report


def planning_of_a_job(key: str) -> list[str]:
    """Options with which Snakemake, started for one job of a cluster, plans it."""
    job = f"measure:experiment={NAME},key={key}"
    return ["-n", "--target-jobs", job, "--allowed-rules", "measure", "--mode", "remote",
            "--nolock", "--force"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shards", type=int, nargs="+", default=[1000, 3000, 10000])
    parser.add_argument("--keep", type=Path, help="a folder for the projects")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for shards in sorted(arguments.shards):
            report = measured(arguments.keep or Path(temporary), shards)
            print(json.dumps({"shards": shards, **report}), flush=True)


if __name__ == "__main__":
    main()
