"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.children import temporaries

from layeratlas.errors import StoreError
from layeratlas.storage import (
    publish,
    write_bytes_atomic,
    write_json_atomic,
)
from layeratlas.storage.atomic import folder_lock, temporary_beside, write_durably
from layeratlas.temporaries import host_tag


def test_stale_temporaries_go_and_living_ones_stay(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    writer = subprocess.Popen([sys.executable, "-c", ""])
    writer.wait()
    dead = writer.pid

    stale = tmp_path / f".a.zarr.zip.{host_tag()}-{dead}-00ff.tmp"
    living = tmp_path / f".a.zarr.zip.{host_tag()}-{os.getpid()}-00ff.tmp"
    elsewhere = tmp_path / f".a.zarr.zip.00000000-{dead}-00ff.tmp"
    abandoned = tmp_path / ".a.zarr.zip.00000000-1-00ff.tmp"
    other_target = tmp_path / f".b.zarr.zip.{host_tag()}-{dead}-00ff.tmp"
    for file in (stale, living, elsewhere, abandoned, other_target):
        file.write_bytes(b"x")
    os.utime(abandoned, (0, 0))
    publish(make_cube(1), path)
    assert set(temporaries(tmp_path)) == {living.name, elsewhere.name, other_target.name}


def test_write_json_atomic(tmp_path, no_leftovers):
    path = tmp_path / "new" / "a.json"
    write_json_atomic(path, {"b": np.float64(1.5), "a": [np.int8(1), "ü"]})
    assert path.read_text() == '{\n  "a": [\n    1,\n    "ü"\n  ],\n  "b": 1.5\n}\n'
    with pytest.raises(StoreError, match="'b'"):
        write_json_atomic(path, {"b": float("nan")})
    assert path.read_text().startswith('{\n  "a"')
    write_bytes_atomic(path, b"")
    assert path.read_bytes() == b""


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_the_old_file_or_the_new_one(old, new):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep" / "a.bin"
        write_bytes_atomic(path, old)
        write_bytes_atomic(path, new)
        assert path.read_bytes() == new
        assert [p.name for p in path.parent.iterdir()] == ["a.bin"]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path, monkeypatch, no_leftovers):
    path = tmp_path / "a.bin"
    write_bytes_atomic(path, b"old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreError, match=r"could not write .*a\.bin: No space left"):
        write_bytes_atomic(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_temporary_is_gone_unless_it_was_renamed(tmp_path):
    with suppress(KeyError), temporary_beside(tmp_path / "a") as temporary:
        temporary.write_text("half")
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    with temporary_beside(tmp_path / "a") as temporary:
        write_durably(temporary, b"whole")
        with pytest.raises(FileExistsError):
            write_durably(temporary, b"again")
        temporary.rename(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_a_folder_has_one_holder(tmp_path):
    code = f"""if True:
        import fcntl, os
        held = os.open({str(tmp_path)!r}, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            print("free")
        except BlockingIOError:
            print("held")"""

    def seen_by_another() -> str:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        return done.stdout.strip()

    with folder_lock(tmp_path):
        assert seen_by_another() == "held"
    assert seen_by_another() == "free"
    assert list(tmp_path.iterdir()) == []
