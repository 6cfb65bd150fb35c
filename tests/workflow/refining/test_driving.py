"""`layeratlas refine`: a boundary found by Snakemake's jobs, whatever interrupts it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from made.once import once
from made.project import Project
from made.refined import project, write

from layeratlas import cli
from layeratlas.cubes.opening import open_cube
from layeratlas.provenance.store.verify import verify
from layeratlas.refining.gridding import to_grid
from layeratlas.storage.manifest import read_manifest

NAME = "chains"
CUBE = f"results/smoke/cubes/{NAME}.json"
HISTORY = f"results/smoke/refined/{NAME}.json"


def environment(made: Project) -> dict[str, str]:
    """Of processes that run the project's own code."""
    return {**os.environ, "PYTHONPATH": str(made.folder / "src")}


def command(*arguments: str, cores: str = "2") -> list[str]:
    return [sys.executable, "-m", "layeratlas", "refine", NAME, "--preset", "smoke", "--cores",
            cores, *arguments]  # fmt: skip


def refined(made: Project, **given) -> subprocess.CompletedProcess:
    return subprocess.run(command(**given), cwd=made.folder, env=environment(made),
                          capture_output=True, text=True, check=False)  # fmt: skip


def points_of(made: Project) -> list:
    return json.loads((made.folder / HISTORY).read_text())["generations"]


def content(made: Project) -> str:
    return read_manifest(made.folder / CUBE).content_hash


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Project:
    """A series that ended by its budget."""

    def make(folder):
        made = project(folder)
        done = refined(made)
        (folder / "said.txt").write_text(done.stdout + done.stderr)
        assert done.returncode == 0, done.stdout + done.stderr

    return Project(once(tmp_path_factory, "refined", make))


def test_generations_are_told_and_drawn(whole):
    said = (whole.folder / "said.txt").read_text()
    assert "generation 0: 6 points, 12 of 28 runs" in said
    assert "the budget of 28 runs has no room for another generation" in said
    assert "a plain grid as fine as the tolerance has 502,002" in said
    assert all((whole.folder / f"refined/{NAME}.{end}").is_file() for end in ("pdf", "svg"))
    assert len(points_of(whole)) >= 3


def test_the_cube_is_opened_verified_and_traced_like_any_other(whole, monkeypatch, capsys):
    monkeypatch.chdir(whole.folder)
    cube = open_cube(f"results/smoke/cubes/{NAME}.zarr.zip")
    assert cube.sizes["seed"] == 6 and {"generation", "noise_strength"} <= set(cube.coords)
    asked = sum(len(seeds) for requests in points_of(whole) for *_, seeds in requests)
    assert int((cube["refined"]["asked_in"] >= 0).sum()) == asked <= 28
    assert to_grid(cube, 5)["value"].shape == (5, 5)
    table = verify(None, whole.folder)
    assert set(table["status"]) <= {"ok", "unrecorded"}, table[table["status"] != "ok"]
    assert cli.main(["lineage", f"refined/{NAME}.pdf"]) == 0
    told = capsys.readouterr().out
    assert "cube of points" in told and "chains" in told
    assert cli.main(["stale"]) == 0
    assert "nothing is stale" in capsys.readouterr().out


@pytest.mark.slow
def test_who_is_killed_goes_on_and_one_core_asks_for_the_same(whole, tmp_path):
    made = project(tmp_path / "killed")
    with subprocess.Popen(command(cores="1"), cwd=made.folder, env=environment(made),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          start_new_session=True) as begun:  # fmt: skip
        for line in begun.stdout:
            if line.startswith("generation 0"):
                break
        kill(begun)
    assert refined(made, cores="1").returncode == 0
    assert points_of(made) == points_of(whole) and content(made) == content(whole)


@pytest.mark.slow
def test_ten_interruptions_change_nothing(whole, tmp_path):
    made = project(tmp_path / "killed")
    rng = random.Random(0)
    for _ in range(10):
        with subprocess.Popen(command(), cwd=made.folder, env=environment(made),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=True) as begun:  # fmt: skip
            time.sleep(rng.uniform(1, 20))
            kill(begun)
    assert refined(made).returncode == 0
    assert points_of(made) == points_of(whole) and content(made) == content(whole)


def kill(process: subprocess.Popen) -> None:
    """The controller, Snakemake and its jobs, without a word."""
    with_children = os.getpgid(process.pid)
    os.killpg(with_children, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_points_of_another_cube_are_taken_and_give_the_same(whole, tmp_path):
    made = project(tmp_path / "taking")
    write(made, "grid", refine=None, seeds=6)
    made.make("results/smoke/cubes/grid.zarr.zip")
    done = refined(made)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 of 28 runs, 12 of them from other cubes" in done.stdout
    taken = json.loads((made.folder / HISTORY).read_text())["taken"]
    assert len(taken["grid"]) == 12
    assert points_of(made) == points_of(whole) and content(made) == content(whole)


@pytest.mark.slow
def test_a_file_of_points_that_decayed_is_refused_and_found_again(whole, tmp_path):
    made = whole.copy(tmp_path / "decayed")
    path = made.folder / HISTORY
    path.write_text(path.read_text().replace("0.05", "0.06", 1))
    done = made.snakemake(f"refined/{NAME}.pdf")
    assert done.returncode and "finds the same points again" in done.stdout + done.stderr
    path.unlink()
    assert refined(made).returncode == 0
    assert points_of(made) == points_of(whole)


@pytest.mark.parametrize(
    ("name", "words"),
    [("chain", "there is no experiment 'chain' to refine"), ("tiny", "says no boundary to find")],
)
def test_what_has_no_boundary_to_find_is_refused(tmp_path, monkeypatch, capsys, name, words):
    made = project(tmp_path / "refusing")
    made.write("tiny")
    monkeypatch.chdir(made.folder)
    assert cli.main(["refine", name, "--preset", "smoke"]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
