"""Code, environment and machine as they are at a job's start."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import time

import pytest

from layeratlas.provenance.record import capture, source
from layeratlas.provenance.store.objects import find_object

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")


def git(folder, *arguments):
    done = subprocess.run([*GIT, "-C", str(folder), *arguments], check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A small repository with a package of ours in it; returns (top, package)."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    top = tmp_path / "clone"
    package = top / "src" / "layeratlas"
    (package / "metrics").mkdir(parents=True)
    (package / "__init__.py").write_text("VERSION = 1\n")
    (package / "metrics" / "a.py").write_text("A = 1\n")
    (top / "scripts").mkdir()
    (top / "scripts" / "train.py").write_text("pass\n")
    (top / "README.md").write_text("words\n")
    (top / ".gitignore").write_text("__pycache__/\n")
    git(tmp_path, "init", "-q", str(top))
    git(top, "add", "-A")
    git(top, "commit", "-qm", "one")
    return top, package


def test_a_clean_clone(clone):
    top, package = clone
    (top / "README.md").write_text("other words\n")  # decides no number
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "a.pyc").write_bytes(b"1")
    state = source.git_state(package)
    assert (state.commit, state.dirty, state.diff) == (git(top, "rev-parse", "HEAD"), False, None)


def test_the_diff_rebuilds_uncommitted_code(clone, tmp_path):
    top, package = clone
    (package / "metrics" / "a.py").write_text("A = 2")
    (package / "__init__.py").write_text("VERSION = 2\n")
    git(top, "add", "src/layeratlas/__init__.py")  # staged is not committed either
    (package / "neü name.py").write_text("B = 1\n")
    (package / "empty.py").write_text("")
    (top / "scripts" / "train.py").unlink()
    index = (top / ".git" / "index").read_bytes()
    state = source.git_state(package)
    assert state.dirty
    assert (top / ".git" / "index").read_bytes() == index
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(top), str(other))
    git(other, "checkout", "-q", state.commit)
    subprocess.run(["git", "-C", str(other), "apply"], input=state.diff, check=True)
    assert source.source_hash(other / "src" / "layeratlas") == source.source_hash(package)
    assert not (other / "scripts" / "train.py").exists()


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


def test_git_that_says_nothing(clone, tmp_path, monkeypatch):
    top, package = clone
    nothing = source.GitState()
    # Installed inside somebody's project: its commits say nothing of our code.
    inside = top / ".venv" / "lib" / "layeratlas"
    shutil.copytree(package, inside)
    assert source.git_state(inside) == nothing
    outside = tmp_path / "plain" / "layeratlas"
    shutil.copytree(package, outside)
    assert source.git_state(outside) == nothing
    git(tmp_path, "init", "-q", str(tmp_path / "plain"))
    git(tmp_path / "plain", "add", "-A")
    assert source.git_state(outside) == nothing  # no commit yet
    monkeypatch.setenv("PATH", "")
    assert source.git_state(package) == nothing


def test_the_hash_covers_every_module_and_nothing_else(clone):
    _, package = clone
    before = source.source_hash(package)
    (package / "README.md").write_text("words")
    assert source.source_hash(package) == before
    (package / "metrics" / "a.py").rename(package / "metrics" / "b.py")
    renamed = source.source_hash(package)
    assert renamed != before
    (package / "metrics" / "b.py").write_text("A = 1 \n")
    assert source.source_hash(package) not in (before, renamed)


def test_environment_knows_every_distribution(tmp_path):
    environment = capture.capture_environment(tmp_path, {"OMP_NUM_THREADS": "1", "HOME": "/x"})
    true: dict[str, str] = {}
    for found in importlib.metadata.distributions():
        true.setdefault(re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(), found.version)
    assert capture._installed() == true
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


def test_capture_is_cheap(tmp_path):
    def once() -> float:
        start = time.perf_counter()
        capture.capture_code(tmp_path)
        capture.capture_environment(tmp_path)
        capture.capture_machine()
        return time.perf_counter() - start

    assert min(once() for _ in range(5)) < 0.15
