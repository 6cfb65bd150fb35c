"""Stand-in jobs: what a script sees as `snakemake`, and folders they run in."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from snakemake import iocontainers

from layeratlas.provenance.record import capture, recording
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.record.schema import Code
from layeratlas.provenance.record.source import source_hash
from layeratlas.provenance.store.reading import read_record, record_files
from made.children import in_child


def snakemake_object(rule="train", inputs=None, outputs=None, params=None, wildcards=None):
    """What a script of `rule` sees; files and params by name."""

    def named(kind, values):
        return kind(fromdict=values or {})

    def files(kind, values):
        found = kind()
        for name, value in (values or {}).items():
            start = len(found)
            found.extend([value] if isinstance(value, str) else value)
            found._set_name(name, start, None if isinstance(value, str) else len(found))
        return found

    return iocontainers.Snakemake(
        files(iocontainers.InputFiles, inputs),
        files(iocontainers.OutputFiles, outputs),
        named(iocontainers.Params, params),
        named(iocontainers.Wildcards, wildcards),
        1,
        named(iocontainers.ResourceList, {}),
        named(iocontainers.Log, {"log": f"logs/{rule}.log"}),
        {"preset": "smoke", "verbose": False},
        rule,
        None,
        None,
    )


def cube_job(name: str, folder="cubes", role="cube", **more):
    """A job that publishes one archive."""
    stem = f"results/smoke/{folder}/{name}"
    return snakemake_object(
        rule=more.pop("rule", "assemble_cube"),
        outputs={role: f"{stem}.zarr.zip", "manifest": f"{stem}.json"},
        params={"plan": json.dumps({"name": name, "seeds": [3, 1]}), "code": "c0de"},
        wildcards={"experiment": name},
        **more,
    )


def numbers(version: int, noise: int = 0) -> xr.DataTree:
    """A cube whose every value says which version it is, and `noise` values that do not."""
    values = np.full((4, 200), version, "f4")
    part = xr.Dataset({"v": (("seed", "layer"), values), "mark": ((), np.int64(version))})
    if noise:
        part["noise"] = ("sample", np.random.default_rng(0).random(noise, dtype="f4"))
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs={"version": version}), "/layers": part})


def records_in(root: Path):
    """Every record of a store; a damaged one is an error."""
    return [read_record(root / RECORDS / name) for name, _, _ in record_files(root)]


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A fresh working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def quick_capture(monkeypatch):
    """Capture once: what these tests are about is writing."""
    code = Code(source=source_hash(), version="0")
    environment, machine = recording.capture_environment(), recording.capture_machine()
    monkeypatch.setattr(
        recording,
        "capture_code",
        lambda root, fingerprint, *more: code.model_copy(update={"fingerprint": fingerprint}),
    )
    monkeypatch.setattr(recording, "capture_environment", lambda *a: environment)
    monkeypatch.setattr(recording, "capture_machine", lambda *a: machine)
    monkeypatch.setattr(capture, "was_edited", lambda source: False)


@pytest.fixture
def tools():
    """The functions above."""

    class Tools:
        job_object = staticmethod(snakemake_object)
        cube_job = staticmethod(cube_job)
        numbers = staticmethod(numbers)
        records = staticmethod(records_in)
        in_child = staticmethod(in_child)

    return Tools


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A disk of 2 MB; `remount(options)` changes it, e.g. to "ro"."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small disk needs root")

    def remount(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)

    monkeypatch.chdir(disk)
    try:
        yield disk, remount
    finally:
        monkeypatch.undo()
        subprocess.run(["umount", "-l", str(disk)], check=True)
