"""The environment in one file (envs/pack.sh): unpacked anywhere, it works; and its recipes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "envs" / "pack.sh"
needs_squashfs = pytest.mark.skipif(
    not (shutil.which("mksquashfs") and shutil.which("unsquashfs")),
    reason="squashfs-tools are not installed",
)


def pack(environment: Path, file: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(PACK), str(environment), str(file)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **changes})


def unpack(file: Path, folder: Path) -> None:
    if file.suffix == ".tar":
        folder.mkdir()
        command = ["tar", "-xf", str(file), "-C", str(folder)]
    else:
        command = ["unsquashfs", "-quiet", "-no-progress", "-dest", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True)


def entries(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture
def small(tmp_path) -> Path:
    """A virtual environment with one module in it."""
    folder = tmp_path / "first place" / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "alone.py").write_text("import sys\nprint(sys.prefix, __cached__)\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["e.tar", pytest.param("e.sqsh", marks=needs_squashfs)])
def test_an_environment_works_elsewhere(small, tmp_path, name):
    done = pack(small, tmp_path / name)
    assert done.returncode == 0, done.stderr
    # It is compiled before it is packed: mounted, it cannot be.
    assert any("alone.cpython" in path for path in entries(small))
    assert f"{len(entries(small)) + 1} files and folders" in done.stdout
    elsewhere = tmp_path / "elsewhere"
    unpack(tmp_path / name, elsewhere)
    assert entries(elsewhere) == entries(small)
    small.rename(tmp_path / "gone")
    python = [str(elsewhere / "bin" / "python"), "-m", "alone"]
    said = subprocess.run(python, check=True, capture_output=True, text=True).stdout
    assert said.startswith(f"{elsewhere} ")
    assert not list(tmp_path.glob("*.part-*"))


@pytest.mark.parametrize(
    ("environment", "file", "changes", "reason"),
    [
        ("nothing", "e.sqsh", {}, "is no virtual environment"),
        ("small", "e.zip", {}, r"\*\.sqsh"),
        ("small", "e.sqsh", {"PATH": "/nonexistent"}, r"e\.tar$"),
    ],
)
def test_what_is_refused(small, tmp_path, environment, file, changes, reason):
    done = pack(small if environment == "small" else tmp_path / "no", tmp_path / file, **changes)
    assert done.returncode == 1
    assert re.search(reason, done.stderr.strip()) and done.stderr.count("\n") == 1
    assert done.stdout == "" and not (tmp_path / file).exists()


def test_what_was_there_stays_when_packing_fails(small, tmp_path):
    file = tmp_path / "e.tar"
    file.write_bytes(b"before")
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "tar").write_text("#!/bin/sh\nexit 2\n", encoding="utf-8")
    (broken / "tar").chmod(0o755)
    assert pack(small, file, PATH=f"{broken}:{os.environ['PATH']}").returncode != 0
    assert file.read_bytes() == b"before" and not list(tmp_path.glob("*.part-*"))


@pytest.mark.slow
@needs_squashfs
@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="runs in no virtual environment")
def test_the_whole_environment_makes_a_figure_from_another_place(project, tmp_path):
    file, elsewhere = tmp_path / "environment.sqsh", tmp_path / "elsewhere"
    done = pack(Path(sys.prefix), file)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    unpack(file, elsewhere)
    python = str(elsewhere / "bin" / "python")
    source = {**os.environ, "PYTHONPATH": str(project.folder / "src")}
    told = subprocess.run(
        [python, "-m", "layeratlas", "--help"], env=source, capture_output=True, text=True
    )
    assert told.returncode == 0 and "allocation" in told.stdout
    _, *command = project.command("figures/maps/tiny/data_separation.pdf")
    made = subprocess.run(
        [python, "-m", "snakemake", *command],
        cwd=project.folder,
        env=os.environ | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert (project.folder / "figures/maps/tiny/data_separation.pdf").is_file()


def test_recipes_of_containers_install_the_lock():
    container = (ROOT / "envs" / "Containerfile").read_text(encoding="utf-8")
    apptainer = (ROOT / "envs" / "layeratlas.def").read_text(encoding="utf-8")
    (copied,) = re.findall(r"^COPY (\S+) (\S+)$", container, re.M)
    (bound,) = re.findall(r"^ +(envs/\S+) (/\S+)$", apptainer, re.M)
    assert copied == bound and (ROOT / copied[0]).is_file()
    base = (ROOT / "envs" / "layeratlas.yaml").read_text(encoding="utf-8")
    (version,) = re.findall(r"- python=(\S+)", base)
    for text in (container, apptainer):
        assert re.search(rf"^(FROM|From:) python:{version}-slim$", text, re.M)
        words = " ".join(text.replace("\\\n", " ").split())
        assert (
            f"python -m pip install --no-cache-dir --disable-pip-version-check -r {copied[1]}"
            in words
        )
