"""The examples of docs/extending.md in the real pipeline: made, on record, and made once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from layeratlas.provenance.store.objects import find_object
from layeratlas.provenance.store.reading import read_records

pytestmark = pytest.mark.slow
CLONE = Path(__file__).resolve().parents[2]
EXAMPLES = Path(__file__).parent / "examples"
CUBES = ("patches", "regression")
TARGETS = ("figures/gaps.pdf", *(f"results/smoke/cubes/{name}.zarr.zip" for name in CUBES))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A clone with the examples in it, in which the figure was made."""
    folder = tmp_path_factory.mktemp("extended") / "clone"
    folder.mkdir()
    shutil.copy(CLONE / "Snakefile", folder)
    for name in ("rules", "scripts", "data", "envs", "src"):
        shutil.copytree(CLONE / name, folder / name, ignore=shutil.ignore_patterns("*.egg-info"))
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    (folder / "config").mkdir()
    (folder / "experiments").rename(folder / "config" / "experiments")
    shutil.copy(CLONE / "config" / "config.yaml", folder / "config")
    x = np.random.default_rng(0).normal(size=(128, 4))
    np.savez(folder / "my.npz", x=x, y=x[:, :1] * x[:, 1:2])
    snakemake(folder, "--", *TARGETS)
    return folder


def snakemake(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "-c2", "--config", "preset=smoke"]
    command += ["verbose=false", "download=false", "device=cpu"]
    unwanted = ("PYTHONPATH", "LAYERATLAS_BASE")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    done = subprocess.run(
        [*command, *arguments], cwd=folder, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_figure_has_its_claim(folder):
    (claim,) = json.loads((folder / "figures/gaps.claims.json").read_text())["claims"]
    assert (claim["id"], claim["figure"]) == ("gains", "gaps")


def test_records_keep_the_text_that_ran(folder):
    of = {record.activity.experiment: record for record in read_records(folder)}
    reduced, trained = of["gap"].code, of["patches"].code
    assert "gap.py" in reduced.users_files and "gap.py" not in trained.users_files
    with tarfile.open(find_object(reduced.users, folder)) as archive:
        assert archive.extractfile("gap.py").read() == (EXAMPLES / "gap.py").read_bytes()


def test_nothing_is_made_again(folder):
    dry = ("-n", "--", *TARGETS)
    assert "Nothing to be done" in snakemake(folder, *dry)
    (folder / "extensions" / "another.py").write_text("x = 1\n")
    assert "Nothing to be done" in snakemake(folder, *dry)
    (folder / "gap.py").write_text((EXAMPLES / "gap.py").read_text() + "\n\nx = 1\n")
    told = snakemake(folder, *dry)
    assert "reduce_cubes" in told and "train" not in told and "measure" not in told
