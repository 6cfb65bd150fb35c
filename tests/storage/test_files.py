"""Bytes of a file by position."""

from __future__ import annotations

import gc
import warnings

import pytest

from layeratlas.errors import UnreadableError
from layeratlas.storage.files import LocalFile


def test_bytes_by_position(tmp_path):
    (tmp_path / "a").write_bytes(b"0123456789")
    file = LocalFile(tmp_path / "a")
    assert file.size == 10
    assert file.read(3, 4) == b"456"
    assert file.read(99, 8) == b"89"
    assert file.read(1, 10) == b""
    file.close()
    file.close()
    with pytest.raises(UnreadableError, match="is closed"):
        file.read(1, 0)


def test_what_is_no_file(tmp_path):
    with pytest.raises(UnreadableError, match="does not exist: build it first"):
        LocalFile(tmp_path / "a")
    with pytest.raises(UnreadableError, match="no regular file"):
        LocalFile(tmp_path)


def test_it_closes_with_its_last_user(tmp_path):
    (tmp_path / "a").write_bytes(b"0")
    file = LocalFile(tmp_path / "a")
    finalizer = file._finalizer
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del file
        gc.collect()
    assert not finalizer.alive
