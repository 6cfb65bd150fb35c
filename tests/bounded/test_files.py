"""Bytes of a file, never more than asked for and never waited for."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import pytest

from layeratlas.bounded.files import file_digest, open_regular, read_bytes, read_text
from layeratlas.errors import LONGEST, UnreadableError


def test_a_file_is_read_up_to_its_bound(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_bytes(path, 5) == b"12345"
    with pytest.raises(UnreadableError, match="has 5 bytes; at most 4"):
        read_bytes(path, 4)


def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableError, match="no regular file"):
        read_bytes(tmp_path / "pipe", 5)


@pytest.mark.parametrize("name", [".", "missing", "x" * 300, "x/" * 2500, "nul\0byte"])
def test_what_is_no_file_is_named(tmp_path, name):
    with pytest.raises(UnreadableError) as refused:
        read_bytes(f"{tmp_path}/{name}", 5)
    assert len(str(refused.value)) <= LONGEST
    assert os.fspath(tmp_path)[:20] in str(refused.value)


def test_a_missing_file_can_be_told_from_a_bad_one(tmp_path):
    with pytest.raises(UnreadableError) as refused:
        read_bytes(tmp_path / "missing", 5)
    assert isinstance(refused.value.__cause__, FileNotFoundError)


def test_a_device_is_refused():
    with pytest.raises(UnreadableError, match="no regular file"):
        read_bytes("/dev/zero", 5)


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_no_descriptor_is_left_open(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    before = descriptors()
    for path, most in ((tmp_path, 9), (tmp_path / "a", 4), (tmp_path / "a", 9)):
        with suppress(UnreadableError):
            read_bytes(path, most)
    assert descriptors() == before
    os.close(open_regular(tmp_path / "a"))


def test_text_is_utf8(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbf\xc3\xa9")
    assert read_text(tmp_path / "a", 9) == "é"
    (tmp_path / "b").write_bytes(b"\xff")
    with pytest.raises(UnreadableError, match="UTF-8"):
        read_text(tmp_path / "b", 9)


def test_a_digest_is_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    assert file_digest(tmp_path / "a") == hashlib.sha256(b"123").hexdigest()
    with pytest.raises(UnreadableError, match="is no regular file"):
        file_digest(tmp_path)
