"""A small project with records, as a run of the pipeline leaves it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas.bounded.seals import sealed
from layeratlas.provenance.record.configuration import configuration_hash
from layeratlas.provenance.record.schema import (
    Activity,
    Code,
    Configuration,
    Environment,
    FileState,
    Machine,
    Record,
)
from layeratlas.provenance.record.writing import record_bytes
from layeratlas.storage import publish, read_manifest

REPOSITORY = Path(__file__).resolve().parents[3]
EXPERIMENTS = ("phase_diagram_data_noise", "phase_diagram_dropout")
REFERENCE = "data/reference/spring_block_phase_diagram_published.csv"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# A workflow that plans within a second: all that runs, around a package and experiments of two.
WORKFLOW = (
    *("Snakefile", "Makefile", "pyproject.toml", "LICENSE", "CITATION.cff", "rules", "scripts"),
    *("envs/requirements.lock", "envs/setup.sh", "config/config.yaml"),
    *(f"config/experiments/{name}.yaml" for name in ("phase_diagram", *EXPERIMENTS)),
)
PACKAGE = {"__init__.py": "VERSION = 1\n", "metrics/loads.py": "LOADS = 1\n"}


def write_workflow(root: Path) -> None:
    """The repository's workflow with a package of two modules, as a project has it."""
    for name in WORKFLOW:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, root / name)
    for name, text in PACKAGE.items():
        path = root / "src" / "layeratlas" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class Project:
    """Writes files and the records of the jobs that made them, one minute a job."""

    def __init__(self, root: Path, n_shards: int = 2):
        self.root = root
        write_workflow(root)
        self.minute = 0
        self.files: dict[str, FileState] = {}
        self.records: dict[str, Path] = {}
        self._make(n_shards)

    def _make(self, n_shards: int) -> None:
        results = "results/smoke"
        data = self.archive(f"{results}/datasets/abc.zarr.zip", "data", 0)
        recipe = {"source": "digits", "n_train": 640, "size": 10}
        self.job("prepare_dataset", {"key": "abc"}, [], [data], {"recipe": recipe})
        self.plain(REFERENCE, b"axis,cell,value\n", "references")
        cubes = []
        for number, name in enumerate(EXPERIMENTS):
            measured = []
            for shard in range(n_shards):
                key = f"{number:08x}{shard:08x}"
                plan = {"key": key, "shared": {"training": {"epochs": 30}}, "seeds": [1, 2]}
                files = [
                    self.described(f"{results}/{kind}s/{name}/{key}.zarr.zip", kind)
                    for kind in ("shard", "measurement")
                ]
                wildcards = {"experiment": name, "key": key}
                self.job("train", wildcards, [data], files[:1], {"plan": json.dumps(plan)}, (1, 2))
                asked = {"plan": json.dumps(plan), "measure": '{"metrics":["data_separation"]}'}
                self.job("measure", wildcards, [files[0], data], files[1:], asked)
                measured.append(files[1])
            cube = self.archive(f"{results}/cubes/{name}.zarr.zip", "cube", number + 1)
            description = {
                "title": f"Phase diagram {number}",
                "summary": "A grid.",
                "references": "Shi, Pan and Dokmanić, doi:10.1103/ys4n-2tj3, arXiv:2407.19353",
            }
            plan = {"plan": json.dumps({"description": description, "runs": []})}
            self.job("assemble_cube", {"experiment": name}, measured, [cube], plan)
            cubes.append(cube)
        inputs = [*cubes, self.files[REFERENCE]]
        asked = {"experiments": list(EXPERIMENTS), "preset": "smoke", "code": "0123"}
        figure = "phase_diagram_fidelity"
        drawn = [
            self.plain(f"{results}/figures/{figure}.{kind}", f"a {kind}".encode(), kind)
            for kind in ("pdf", "png", "svg")
        ]
        self.job("draw_figure", {"figure": figure}, inputs, drawn, asked)
        claims = self.plain(f"{results}/claims/{figure}.json", b"[]\n", "claims")
        self.job("check_claims", {"figure": figure}, inputs, [claims], asked)
        shown = [
            self.plain(f"figures/{figure}.{kind}", f"a {kind}".encode(), "figure")
            for kind in ("pdf", "png", "svg")
        ]
        told = self.plain(f"figures/{figure}.claims.json", b"[]\n", "claims")
        self.job("show_figure", {"figure": figure}, [*drawn, claims], [*shown, told], {})

    def plain(self, path: str, content: bytes, role: str) -> FileState:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return self._state(path, role, sha256(content), len(content))

    def archive(self, path: str, role: str, value: float) -> FileState:
        data = xr.Dataset({"loss": ("seed", np.full(3, value, "f4"))}, {"seed": [1, 2, 3]})
        objects = self.root / "store" / "objects"
        publish(data, self.root / path, objects=objects)
        manifest = read_manifest(self.root / path)
        return self._state(path, role, manifest.digest, manifest.size, manifest.content_hash)

    def described(self, path: str, role: str) -> FileState:
        """A file that is on record only."""
        return self._state(path, role, sha256(path.encode()), 1000, sha256(path[::-1].encode()))

    def _state(self, path, role, digest, size, content_hash=None) -> FileState:
        state = FileState(path=path, role=role, digest=digest, size=size, content_hash=content_hash)
        self.files[path] = state
        return state

    def job(self, rule, wildcards, inputs, outputs, parameters, seeds=()) -> None:
        self.minute += 1
        when = f"2026-01-02T{self.minute // 60:02}:{self.minute % 60:02}"
        script = (REPOSITORY / "scripts" / f"{rule}.py").read_bytes()
        record = Record(
            id=f"20260102T{self.minute // 60:02}{self.minute % 60:02}00Z-{self.minute:06x}",
            activity=Activity(
                rule=rule,
                wildcards=wildcards,
                preset="smoke",
                experiment=wildcards.get("experiment"),
                figure=wildcards.get("figure"),
            ),
            status="ok",
            started=f"{when}:00.123456+00:00",
            ended=f"{when}:30Z",
            wall_seconds=29.9,
            cpu_seconds=29.0,
            peak_memory_bytes=200_000_000,
            code=Code(
                source=sha256(b"source"),
                script=sha256(script),
                version="0.1.0",
                commit="c" * 40,
                dirty=False,
            ),
            environment=Environment(
                hash=sha256(b"environment"),
                python="3.11.7",
                packages={"numpy": "2.4.6", "snakemake": "9.27.1"},
                lock=sha256((REPOSITORY / "envs" / "requirements.lock").read_bytes()),
                variables={"OMP_NUM_THREADS": "1"},
            ),
            machine=Machine(host="secret-host", user="ada", platform="Linux", cpu="a CPU"),
            configuration=Configuration(hash=configuration_hash(parameters), value=parameters),
            seeds=seeds,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
        )
        path = self.root / "provenance" / "records" / "2026-01" / f"{record.id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record_bytes(sealed(record.model_dump(mode="json"))))
        self.records["-".join([rule, *wildcards.values()])] = path


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Paths of a project are its own, whatever the checkout's own results are."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def make_project(tmp_path):
    return lambda n_shards: Project(tmp_path / "project", n_shards)
