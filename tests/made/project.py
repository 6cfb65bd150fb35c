"""The workflow in a folder of its own: a copy of the code, and experiments."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from snakemake.iocontainers import InputFiles, Log, OutputFiles, Params, ResourceList, Wildcards
from snakemake.iocontainers import Snakemake as ScriptObject

from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.run import canonical_json
from layeratlas.workflow.planning import Workflow
from made.documents import as_yaml
from made.warmed import run

ROOT = Path(__file__).resolve().parents[2]
TINY = {
    "title": "A tiny grid",
    "dataset": {"source": "digits", "n_train": 64, "n_test": 32, "size": 4},
    "model": {"depth": 3, "width": 8},
    "training": {"epochs": 3, "batch_size": 32},
    "grid": {"dropout": [0.1, 0], "negative_slope": [0, 1]},
}


class Project:
    """The repository's workflow, its own copy of the code, other experiments."""

    def __init__(self, folder: Path):
        self.folder = folder

    @classmethod
    def fresh(cls, folder: Path) -> Project:
        """A clone without experiments. What lies compiled beside the code comes along."""
        for name in ("rules", "scripts", "profiles", "envs", "src", "data/reference"):
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, folder / name)
        shutil.copy2(ROOT / "Snakefile", folder)
        (folder / "config" / "experiments").mkdir(parents=True)
        shutil.copy2(ROOT / "config" / "config.yaml", folder / "config")
        return cls(folder)

    @classmethod
    def with_experiments(cls, folder: Path) -> Project:
        """A clone with the repository's experiments."""
        made = cls.fresh(folder)
        shutil.copytree(ROOT / "config" / "experiments", folder / "config" / "experiments",
                        dirs_exist_ok=True)  # fmt: skip
        return made

    def copy(self, folder: Path) -> Project:
        """As it is, times of files included."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project(folder)

    def write(self, name: str = "tiny", **changes: Any) -> None:
        path = self.folder / "config" / "experiments" / f"{name}.yaml"
        path.write_text(as_yaml({**TINY, **changes}))

    def edit(self, module: str, text: str) -> None:
        """Add text at the end of a module of the project's own copy of the code."""
        path = self.folder / "src" / "layeratlas" / module
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def command(
        self, *targets: str, options: tuple[str, ...] = (), preset: str = "smoke", **config: Any
    ) -> list[str]:
        given = [f"preset={preset}", *(f"{key}={value}" for key, value in config.items())]
        snakemake = str(Path(sys.executable).with_name("snakemake"))
        # An executor of jobs elsewhere is told of jobs, not of cores.
        cores = () if "--workflow-profile" in options else ("--cores", "2")
        return [snakemake, *cores, *options, "--config", *given, "--", *targets]

    def snakemake(self, *arguments: str, dry: bool = False, **config: Any):
        """Run Snakemake in the project; returns the finished process, output and all."""
        program, *options = self.command(*arguments, **config)
        if dry:
            options.insert(0, "-n")
        return run("snakemake", options, self.folder, path=[str(Path(program).parent)])

    def make(self, *arguments: str, **config: Any) -> str:
        done = self.snakemake(*arguments, **config)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def records(self) -> list[dict[str, Any]]:
        """What all jobs have left on record."""
        folder = self.folder / "provenance" / "records"
        return [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]

    def planned(self, *targets: str, **config: Any) -> Counter[str]:
        """Rules of a dry run, and how many jobs of each."""
        done = self.snakemake(*targets, dry=True, **config)
        assert done.returncode == 0, done.stdout + done.stderr
        rules = re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):", done.stdout, re.M)
        if not rules:
            assert "Nothing to be done" in done.stdout + done.stderr
        return Counter(rules)

    def atlas(self, preset: str = "smoke") -> Workflow:
        """The plans of this moment; the caller's working folder is the project's."""
        return Workflow({"preset": preset}, self.folder)

    # --- one job, without Snakemake --------------------------------------------------------
    def script(self, name: str, job: ScriptObject) -> None:
        """Run a script in this process as Snakemake would in one of its own."""
        runpy.run_path(str(self.folder / "scripts" / name), {"snakemake": job}, "__main__")

    def job(self, rule: str, files: dict, output: dict, params: dict, wildcards: dict, **config):
        """The `snakemake` object of a job."""
        return ScriptObject(
            _named(InputFiles(), files),
            _named(OutputFiles(), output),
            _named(Params(), params),
            _named(Wildcards(), wildcards),
            1,
            _named(ResourceList(), {"gpu": 0}),
            _named(Log(), {"log": f"results/smoke/logs/{rule}.log"}),
            {"preset": "smoke", "device": "cpu", "verbose": False, **config},
            rule,
            None,
            str(self.folder / "scripts"),
        )

    def prepare_job(self, atlas: Workflow, plan: ShardPlan) -> ScriptObject:
        key = atlas.dataset_key(plan)
        return self.job(
            "prepare_dataset",
            {},
            _archive("data", f"results/smoke/datasets/{key}"),
            {"recipe": atlas.recipe(key), "code": "prepare"},
            {"key": key},
        )

    def train_job(self, atlas: Workflow, plan: ShardPlan, **config: Any) -> ScriptObject:
        return self.job(
            "train",
            _archive("data", f"results/smoke/datasets/{atlas.dataset_key(plan)}"),
            _archive("shard", f"results/smoke/shards/tiny/{plan.key}"),
            {"plan": canonical_json(plan.to_json()), "code": "train"},
            {"experiment": "tiny", "key": plan.key},
            **config,
        )

    def measure_job(self, atlas: Workflow, plan: ShardPlan) -> ScriptObject:
        data = f"results/smoke/datasets/{atlas.dataset_key(plan)}"
        shard = _archive("shard", f"results/smoke/shards/tiny/{plan.key}")
        return self.job(
            "measure",
            shard | {"data_manifest": f"{data}.json", "data": f"{data}.zarr.zip"},
            _archive("measurement", f"results/smoke/measurements/tiny/{plan.key}"),
            {
                "plan": canonical_json(plan.to_json()),
                "measure": atlas.measure_json("tiny", plan.key),
                "code": "measure",
            },
            {"experiment": "tiny", "key": plan.key},
        )

    def assemble_job(self, atlas: Workflow, plan: str | None = None) -> ScriptObject:
        stems = [f"results/smoke/measurements/tiny/{p.key}" for p in atlas.shards("tiny")]
        return self.job(
            "assemble_cube",
            {
                "manifests": [f"{stem}.json" for stem in stems],
                "measurements": [f"{stem}.zarr.zip" for stem in stems],
            },
            _archive("cube", "results/smoke/cubes/tiny"),
            {"plan": plan or atlas.cube_plan("tiny"), "code": "assemble"},
            {"experiment": "tiny"},
        )


def _archive(name: str, stem: str) -> dict[str, str]:
    return {"manifest": f"{stem}.json", name: f"{stem}.zarr.zip"}


def _named(container: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        start = len(container)
        if isinstance(value, list):
            container.extend(value)
            container._set_name(name, start, end=len(container))
        else:
            container.append(value)
            container._set_name(name, start)
    return container
