"""Code, environment and machine as they are at a job's start."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest
from made.programs import git_but, program

from layeratlas.provenance.record import capture, source
from layeratlas.provenance.record.code_archive import code_archive
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


class TestWhatCannotBeRead:
    @pytest.mark.parametrize("case", ["no git", "refused", "diff", "outside"])
    def test_the_code_itself_is_kept_where_no_commit_holds_it(
        self, clone, tmp_path, monkeypatch, case
    ):
        top, package = clone
        if case == "no git":
            monkeypatch.setenv("PATH", str(tmp_path))
        elif case == "refused":
            script = "echo fatal: detected dubious ownership in repository >&2; exit 128"
            monkeypatch.setenv("PATH", program(tmp_path / "bin", "git", script))
        elif case == "diff":
            (package / "new.py").write_text("B = 1\n")
            monkeypatch.setenv("PATH", git_but(tmp_path / "bin", "diff", "exit 1"))
        else:
            (top / ".git").rename(top / "elsewhere")
        monkeypatch.setattr(capture, "git_state", lambda: source.git_state(package))
        monkeypatch.setattr(capture, "code_archive", lambda base: code_archive(base, package))
        code = capture.capture_code(tmp_path, base=top)
        expected = {"diff": {"diff"}, "outside": set()}.get(case, {"commit"})
        assert code.unread.keys() == expected
        stored = find_object(code.kept, tmp_path)
        assert stored.name == f"{code.kept}.tar"
        assert capture.capture_code(tmp_path, base=top).kept == code.kept
        assert len(list(stored.parent.iterdir())) == 1

    def test_where_a_commit_holds_the_code_nothing_is_kept(self, clone, tmp_path, monkeypatch):
        _, package = clone
        monkeypatch.setattr(capture, "git_state", lambda: source.git_state(package))
        code = capture.capture_code(tmp_path)
        assert (code.kept, code.unread) == (None, {})
        assert not (tmp_path / "store").exists()

    @pytest.mark.parametrize(
        ("script", "gpu", "reason"),
        [
            ("echo Card A; echo Card B; echo Card A", "2 × Card A, Card B", None),
            ("echo No devices were found; exit 6", None, None),
            ("sleep 60 & sleep 60", None, "nvidia-smi took longer than 0.3 s"),
            ("echo Failed to initialise NVML; exit 9", None,
             "nvidia-smi says 'Failed to initialise NVML'"),
            (None, None, "nvidia-smi is not installed"),
        ],
    )  # fmt: skip
    def test_a_card_that_cannot_be_asked(self, tmp_path, monkeypatch, script, gpu, reason):
        monkeypatch.setattr(capture, "_DRIVER", tmp_path)
        monkeypatch.setattr(capture, "_SECONDS", 0.3 if script and "sleep" in script else 10)
        path = program(tmp_path / "bin", "nvidia-smi", script) if script else str(tmp_path)
        monkeypatch.setenv("PATH", path)
        machine = capture.capture_machine()
        assert machine.gpu == gpu
        assert machine.unread == ({"gpu": reason} if reason else {})

    def test_without_a_driver_there_is_no_card(self, tmp_path, monkeypatch):
        for name in ("_DRIVER", "_CARD"):
            monkeypatch.setattr(capture, name, tmp_path / "nothing")
        machine = capture.capture_machine()
        assert (machine.gpu, machine.unread) == (None, {})

    def test_files_that_are_there_but_cannot_be_read(self, tmp_path, monkeypatch):
        def refuse(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
        monkeypatch.setattr(capture.os, "scandir", refuse)
        environment = capture.capture_environment(tmp_path)
        assert environment.unread == {
            "packages": "a folder of Python's path: Permission denied",
            "lock": "requirements.lock: Permission denied",
        }
