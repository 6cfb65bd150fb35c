"""The crate of the first figure, unpacked in an empty folder without the repository, runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from made.clones import git

from layeratlas.provenance.crate.checking import check_crate
from layeratlas.storage import read_manifest
from layeratlas.storage.hashing import file_digest

CRATE = "crates/phase_diagram.crate.zip"
FIGURE = "figures/phase_diagram.pdf"
CUBE = "results/smoke/cubes/phase_diagram_dropout.zarr.zip"


class Unpacked:
    """A crate where it was unpacked, with an environment that is set up."""

    def __init__(self, crate: Path, folder: Path):
        self.folder, self._venv = folder / "crate", folder / "venv"
        with zipfile.ZipFile(crate) as packed:
            packed.extractall(self.folder)
        # That of the tests, which the lock in the crate has set up too.
        self._venv.mkdir()
        (self._venv / "bin").symlink_to(Path(sys.executable).parent)
        (self._venv / ".ready").touch()

    def run(self, *command: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def make(self, target: str) -> str:
        return self.run("make", f"VENV={self._venv}", "CORES=2", target)

    def remove(self, *names: str) -> None:
        for name in names:
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def drawn(self) -> dict[str, str]:
        """sha256 of the figure in all formats and of its claims."""
        return {path.name: file_digest(path) for path in (self.folder / "figures").iterdir()}

    def contents(self) -> dict[str, str]:
        """Content hashes of the cubes."""
        cubes = (self.folder / "results" / "smoke" / "cubes").glob("*.zarr.zip")
        return {path.name: read_manifest(path).content_hash for path in cubes}

    def records(self) -> list[dict]:
        folder = self.folder / "provenance" / "records"
        return [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]


@pytest.fixture
def unpacked(first_figure, tmp_path) -> Unpacked:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    return Unpacked(first_figure.folder / CRATE, tmp_path)


def test_the_crate_of_the_phase_diagram_runs_without_the_repository(first_figure, unpacked):
    origin = first_figure.folder
    assert set(check_crate(origin / CRATE)["status"]) == {"ok"}
    drawn, contents = unpacked.drawn(), unpacked.contents()
    assert drawn == {name: file_digest(origin / "figures" / name) for name in drawn}
    assert len(drawn) == 6 and len(contents) == 4
    # Nothing is to be made, by the command that stands in its README, nor by Snakemake alone.
    assert f"\n    make {FIGURE}\n" in (unpacked.folder / "README.md").read_text()
    assert "Nothing to be done" in unpacked.make(FIGURE)
    # One cube is trained again, and the figure drawn of it and of the cubes that came along.
    before = file_digest(unpacked.folder / CUBE)
    unpacked.remove("figures", "results/smoke/figures", CUBE, CUBE.replace(".zarr.zip", ".json"))
    unpacked.make(CUBE)
    assert file_digest(unpacked.folder / CUBE) == before
    assert unpacked.contents() == contents
    unpacked.make(FIGURE)
    assert unpacked.drawn() == drawn
    rules = [record["activity"]["rule"] for record in unpacked.records()]
    assert rules.count("train") == 1 and rules.count("draw_figure") == 1
    # By the code of the crate: it alone, outside of any repository, knows this commit.
    codes = [record["code"] for record in unpacked.records()]
    commit = git(origin, "rev-parse", "HEAD")
    assert {(code["commit"], code["dirty"]) for code in codes} == {(commit, False)}


@pytest.mark.slow
def test_all_of_it_is_trained_again_without_a_trace_of_the_first_time(unpacked):
    drawn, contents = unpacked.drawn(), unpacked.contents()
    unpacked.remove("figures", "results")
    unpacked.run(sys.executable, "-m", "snakemake", "--cores", "2")
    assert unpacked.contents() == contents
    assert unpacked.drawn() == drawn
