"""Temporaries: a name says who writes it, and nobody's but a dead writer's goes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from layeratlas import temporaries
from layeratlas.temporaries import (
    discard,
    host_tag,
    left_over,
    remove_left_over,
    scratch_folder,
    temporary_name,
)

DEAD = "import os, sys; from pathlib import Path; from layeratlas.temporaries import *; "


def of_a_dead_writer(path: Path) -> Path:
    """A temporary name that another process gave, which is gone."""
    code = f"{DEAD} print(temporary_name(Path({str(path)!r})))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


def test_the_temporary_of_a_living_writer_is_not_left_over(tmp_path):
    own = temporary_name(tmp_path / "a.json")
    own.touch()
    assert own.parent == tmp_path and own.name.startswith(".a.json.") and not left_over(own)
    remove_left_over(tmp_path / "a.json")
    assert own.exists()


def test_that_of_a_dead_one_is_and_goes_with_all_in_it(tmp_path):
    file, folder = (of_a_dead_writer(tmp_path / name) for name in ("a.json", "b.zarr"))
    file.touch()
    (folder / "new" / "c").mkdir(parents=True)
    (folder / "new" / "c" / "0").touch()
    assert left_over(file) and left_over(folder)
    remove_left_over(tmp_path / "a.json")
    assert not file.exists() and folder.exists(), "another target's"
    discard(folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_pid_that_came_again_is_another_writer(tmp_path):
    """The process is there, but it started at another time than the name says."""
    pid, start = os.getpid(), temporaries.start_of(os.getpid())
    assert int(start) > 0
    mine = tmp_path / f".a.{host_tag()}-{pid}-{start}-00ff.tmp"
    its = tmp_path / f".a.{host_tag()}-{pid}-{int(start) + 1}-00ff.tmp"
    earlier = tmp_path / f".a.{host_tag()}-{pid}-00ff.tmp"
    assert [left_over(path) for path in (mine, its, earlier)] == [False, True, False]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_one_that_ended_and_was_not_yet_asked_about_writes_no_more(tmp_path):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, temporary_name(tmp_path / "a").name.encode())
        os._exit(0)
    name = os.read(read, 999).decode()
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert left_over(tmp_path / name)
    os.waitpid(pid, 0)


@pytest.mark.parametrize(
    "name",
    [
        ".a.json.00000000-1-2-00ff.tmp",
        ".0123456789ab.probe.tmp",
        ".chains.zarr.ab_9x3zz.tmp",
        "fingerprints.cpython-311.99.tmp",
    ],
)
def test_of_another_host_and_of_earlier_versions_age_decides(tmp_path, name):
    path = tmp_path / name
    path.touch()
    assert not left_over(path)
    os.utime(path, (0, 0))
    assert left_over(path)


def test_a_foreign_folder_is_as_young_as_what_is_in_it(tmp_path):
    folder = tmp_path / ".a.zarr.00000000-1-2-00ff.tmp"
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "0").touch()
    os.utime(folder / "new", (0, 0))
    os.utime(folder, (0, 0))
    assert not left_over(folder)
    os.utime(folder / "new" / "0", (0, 0))
    assert left_over(folder)


@pytest.mark.parametrize(
    "name",
    ["a.tmp", ".a.tmp", ".tmp", "notes.00000000-1-2-00ff.tmp", ".a.json.00000000-x-00ff.tmp",
     "a.state.npz", ".a.00000000-1-2-00ff.tmp.zip", ".a.json.swp"],
)  # fmt: skip
def test_what_has_another_name_is_somebody_elses(tmp_path, name):
    path = tmp_path / name
    path.touch()
    os.utime(path, (0, 0))
    assert not left_over(path)


def test_a_link_goes_and_what_it_points_to_stays(tmp_path):
    (tmp_path / "mine").mkdir()
    link = of_a_dead_writer(tmp_path / "a")
    link.symlink_to(tmp_path / "mine")
    discard(link)
    assert (tmp_path / "mine").is_dir() and not link.is_symlink()


def test_a_scratch_folder_is_gone_on_exit_and_told_when_its_owner_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ValueError), scratch_folder() as folder:
        assert folder.is_dir() and folder.parent == tmp_path and not left_over(folder)
        raise ValueError
    assert not folder.exists()
    code = f"{DEAD} f = scratch_folder(); print(f.__enter__(), flush=True); os.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    left = Path(done.stdout.strip())
    assert left.is_dir() and left_over(left)
    discard(left)
