"""Code, environment and machine as they are at a job's start."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from layeratlas.provenance.record import capture, source
from layeratlas.provenance.store.objects import find_object


def test_the_diff_becomes_an_object(clone, tmp_path, monkeypatch):
    _, package = clone
    (package / "new.py").write_text("B = 1\n")
    monkeypatch.setattr(source, "PACKAGE", package)
    monkeypatch.setattr(capture, "git_state", lambda: source.git_state(package))
    code = capture.capture_code(tmp_path)
    assert code.dirty
    stored = find_object(code.diff, tmp_path)
    assert stored.name == f"{code.diff}.diff"
    assert b"+B = 1" in stored.read_bytes()
    assert capture.capture_code(tmp_path) == code


def test_environment_knows_every_distribution(tmp_path):
    environment = capture.capture_environment(tmp_path, {"OMP_NUM_THREADS": "1", "HOME": "/x"})
    true: dict[str, str] = {}
    for found in importlib.metadata.distributions():
        true.setdefault(re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(), found.version)
    assert capture._installed({}) == true
    assert environment.packages["numpy"] == true["numpy"]
    assert {"torch", "numba", "zarr", "xarray", "snakemake"} <= environment.packages.keys()
    assert environment.variables == {"OMP_NUM_THREADS": "1"}
    assert environment.lock is None
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs" / "requirements.lock").write_text("a==1\n")
    assert len(capture.capture_environment(tmp_path).lock) == 64


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        (
            {"SLURM_JOB_ID": "7", "SLURM_JOB_PARTITION": "gpu"},
            {"system": "slurm", "job_id": "7", "partition": "gpu"},
        ),
        ({"PBS_JOBID": "7.head"}, {"system": "pbs", "job_id": "7.head"}),
        (
            {"LSB_JOBID": "7", "LSB_QUEUE": "q"},
            {"system": "lsf", "job_id": "7", "partition": "q"},
        ),
    ],
)
def test_scheduler(variables, expected):
    machine = capture.capture_machine("cpu", variables)
    assert machine.scheduler == expected
    assert machine.cpu
    assert machine.device == "cpu"
