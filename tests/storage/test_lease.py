"""One job makes a result at a time, whoever else was started for it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from layeratlas.errors import StoreError
from layeratlas.storage import lease as leases
from layeratlas.storage.lease import is_held, lease, lease_path
from layeratlas.temporaries import host_tag

_ADD = """
import sys, time
from pathlib import Path
from layeratlas.storage import lease as leases
leases._POLL = 0.002
result, rounds = Path(sys.argv[1]), int(sys.argv[2])
for _ in range(rounds):
    with leases.lease(result):
        inside = result.with_name("inside")
        inside.touch(exist_ok=False)
        count = int(result.read_text() or 0)
        time.sleep(0.001)
        result.write_text(str(count + 1))
        inside.unlink()
"""


def start(program: str, *arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_processes_take_turns(tmp_path):
    """Without the lease they would lose each other's counts, and meet inside."""
    result = tmp_path / "count"
    result.write_text("")
    children = [start(_ADD, result, 30) for _ in range(3)]
    for child in children:
        assert child.communicate(timeout=120)[1] == ""
    assert result.read_text() == "90"
    assert [path.name for path in tmp_path.iterdir()] == ["count"]


def test_a_lease_is_there_while_it_is_held(tmp_path):
    result = tmp_path / "deep" / "shard.zarr.zip"
    with lease(result) as waited:
        assert waited is False
        assert is_held(lease_path(result))
        assert lease_path(result).name == ".shard.zarr.zip.lease"
    assert not lease_path(result).exists() and not is_held(lease_path(result))


def test_it_is_given_back_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), lease(tmp_path / "a"):
        1 / 0  # noqa: B018
    with lease(tmp_path / "a") as waited:
        assert waited is False


def test_who_died_holds_nothing(tmp_path):
    result = tmp_path / "a"
    hold = """
    import os, sys
    from layeratlas.storage.lease import lease
    with lease(sys.argv[1]):
        os.kill(os.getpid(), 9)
    """
    assert start(hold, result).wait(60) == -9
    assert lease_path(result).exists() and not is_held(lease_path(result))
    begun = time.monotonic()
    with lease(result) as waited:
        assert waited is False
    assert time.monotonic() - begun < leases.LIFETIME / 3


def test_who_waits_says_so_once_and_knows_it_afterwards(tmp_path, monkeypatch):
    hold = """
    import sys, time
    from layeratlas.storage.lease import lease
    with lease(sys.argv[1]):
        time.sleep(1.5)
    """
    result, told = tmp_path / "a.zarr.zip", []
    child = start(hold, result)
    while not lease_path(result).exists():
        time.sleep(0.01)
    with lease(result, told.append) as waited:
        assert waited is True
    assert told == ["another job on this machine is making a.zarr.zip: it waits"]
    assert child.wait(60) == 0


def test_a_lease_that_is_not_written_yet_is_held(tmp_path, monkeypatch):
    """Between making it and writing into it: of its holder nothing is said before it is known."""
    monkeypatch.setattr(leases, "LIFETIME", 0.5)
    path, told = lease_path(tmp_path / "a"), []
    path.touch()
    with lease(tmp_path / "a", told.append) as waited:
        assert waited is True
    assert told == []


class Elsewhere:
    """A lease of another host, whose processes nobody here can see."""

    def __init__(self, result: Path):
        self.path = lease_path(result)
        self.path.write_text(f"{'f' * 8 if host_tag() != 'f' * 8 else 'e' * 8}-1-77-abc")

    def renew(self) -> None:
        os.utime(self.path, (0, time.time()))


def test_of_another_host_it_lasts_as_long_as_it_is_renewed(tmp_path, monkeypatch):
    """Times on it mean nothing but that they change: clocks of hosts may differ by hours."""
    monkeypatch.setattr(leases, "_LATER", 0.02)
    monkeypatch.setattr(leases, "LIFETIME", 0.3)
    other = Elsewhere(tmp_path / "a")
    begun, told = time.monotonic(), []
    sleep = time.sleep

    def renewing(seconds):
        sleep(seconds)
        if time.monotonic() - begun < 1:
            os.utime(other.path, (0, 10_000 + time.monotonic()))

    monkeypatch.setattr(leases.time, "sleep", renewing)
    with lease(tmp_path / "a", told.append) as waited:
        assert waited is True
        assert time.monotonic() - begun > 1.2
    assert told == ["another job on another machine is making a: it waits"]


def test_a_holder_that_slept_does_not_give_back_anothers(tmp_path):
    result = tmp_path / "a"
    with lease(result):
        lease_path(result).write_text("another's")
    assert lease_path(result).read_text() == "another's"


def test_a_lease_taken_over_a_moment_ago_is_put_back(tmp_path):
    path = lease_path(tmp_path / "a")
    path.write_text("new")
    leases._remove(path, "old")
    assert path.read_text() == "new" and len([*tmp_path.iterdir()]) == 1
    leases._remove(path, "new")
    assert not [*tmp_path.iterdir()]


def test_holders_renew_it(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "BEAT", 0.02)
    with lease(tmp_path / "a"):
        path = lease_path(tmp_path / "a")
        os.utime(path, (0, 0))
        deadline = time.monotonic() + 10
        while not path.stat().st_mtime and time.monotonic() < deadline:
            time.sleep(0.01)
        assert path.stat().st_mtime > 0


def test_where_none_can_be_written_it_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"), lease(tmp_path / "file" / "a"):
        pass
