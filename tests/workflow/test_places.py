"""Where it runs: read-only code of another owner, no home, a strict mask, odd names, no git."""

from __future__ import annotations

import subprocess
import sys

import pytest
from made.places import HOSTILE, Container, copy_of_code

from layeratlas.storage import read_manifest

FIGURE = ("--config", "preset=smoke", "--", "figures/phase_diagram.pdf")
QUICK = ("--config", "preset=smoke", "--", "results/smoke/figures/schematic.pdf")


@pytest.fixture
def container(tmp_path):
    made = Container(copy_of_code(tmp_path / HOSTILE), tmp_path / "results {of} mine")
    yield made
    made.open_again()


def said(done) -> str:
    return done.stdout + done.stderr


@pytest.mark.slow
def test_a_figure_in_a_container(container):
    done = container.snakemake(*QUICK)
    assert done.returncode == 0, said(done)
    assert "The user's cache folder cannot be written; caches go to" in done.stderr
    assert (container.here / QUICK[-1]).is_file()
    # Nothing of it for others to read, and nothing in a folder called `~`.
    names = sorted(path.name for path in container.here.iterdir())
    assert names == [".layeratlas", ".snakemake", "provenance", "results", "store"]
    made = [path for name in names for path in (container.here / name).rglob("*")]
    assert made
    assert not [p for p in made if p.is_dir() and p.stat().st_mode & 0o022]
    assert "Nothing to be done" in said(container.snakemake("-n", *QUICK))


@pytest.mark.slow
def test_the_phase_diagram_is_the_same_in_a_container(container, tmp_path):
    """Another user, read-only code and home, a mask of 077, braces and spaces, no git, LANG=C."""
    ordinary = copy_of_code(tmp_path / "clone")
    command = (sys.executable, "-m", "snakemake", "--cores", "1", *FIGURE)
    subprocess.run(command, cwd=ordinary, check=True, capture_output=True)
    done = container.snakemake(*FIGURE)
    assert done.returncode == 0, said(done)
    cubes = sorted((ordinary / "results" / "smoke" / "cubes").glob("*.zarr.zip"))
    assert len(cubes) == 4
    for cube in cubes:
        there = container.here / cube.relative_to(ordinary)
        assert read_manifest(there).content_hash == read_manifest(cube).content_hash
    for suffix in ("pdf", "png", "svg", "claims.json"):
        name = f"figures/phase_diagram.{suffix}"
        assert (container.here / name).read_bytes() == (ordinary / name).read_bytes()


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"TMPDIR": "/nonexistent", "HOME": "/"}, marks=pytest.mark.slow),
        pytest.param(
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, marks=pytest.mark.slow
        ),
        {"HOME": "", "XDG_CONFIG_HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"},
    ],
    ids=["no temporary folder", "no UTF-8", "no home"],
)
def test_places_where_something_else_is_missing(container, environment):
    done = container.snakemake("-n", *FIGURE, **environment)
    assert done.returncode == 0 and "draw_figure" in done.stdout, said(done)


def test_results_go_elsewhere_from_within_the_clone(container):
    command = (sys.executable, "-m", "snakemake", "-n", "--directory", str(container.here))
    target = "figures/phase_diagram_fidelity.pdf"
    told = {"here": container.code, "LAYERATLAS_TERMINAL": "snakemake"}
    done = container.run(*command, "--config", "preset=smoke", "--", target, **told)
    assert done.returncode == 0, said(done)
    # The digitised panels of the paper come along.
    (panels,) = (container.here / "data" / "reference").iterdir()
    assert f"data/reference/{panels.name}" in done.stdout
    assert panels.read_bytes() == (container.code / "data/reference" / panels.name).read_bytes()


@pytest.mark.parametrize("dry", [(), ("-n",)])
def test_where_nothing_can_be_written_one_sentence_says_so(container, dry):
    command = (sys.executable, "-m", "snakemake", "--cores", "1", *dry, *FIGURE)
    done = container.run(*command, here=container.code)
    assert done.returncode != 0 and "Traceback" not in said(done)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error:")]
    assert "cannot be written, and .snakemake/ is to be made" in line and len(line) < 400
    assert "snakemake --directory FOLDER" in line


def test_make_puts_environment_and_results_elsewhere(container):
    """Not run to its end: the environment is downloaded."""
    done = container.run("make", "-n", f"INTO={container.here}", "figures", here=container.code)
    assert done.returncode == 0, said(done)
    assert f'envs/setup.sh "{container.here}/.venv"' in done.stdout
    assert f'--directory "{container.here}"' in done.stdout


def test_an_environment_that_cannot_be_made_is_refused(container):
    done = container.run("make", "env", here=container.code)
    assert done.returncode != 0 and "Traceback" not in said(done)
    assert ".venv cannot be written" in done.stderr
    assert "make VENV=/path/to/venv" in done.stderr
