"""The directory of a zip is read as it is written; all else is tests/storage/test_crafted.py."""

from __future__ import annotations

import zipfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made.crafted import write_members, zip64

from layeratlas.storage.files import LocalFile
from layeratlas.storage.zipdirectory import (
    DirectoryError,
    Member,
    check_local_header,
    read_directory,
)


@contextmanager
def opened(path: Path):
    with closing(LocalFile(path)) as file:
        yield file


def header_of(file: LocalFile, member: Member) -> bytes:
    return file.read(member.start - member.header, member.header)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.from_regex(r"[a-zäé]{1,5}(/[a-z0-9]{1,3}){0,3}", fullmatch=True), st.binary(max_size=99)
    )
)
def test_members_lie_where_it_says(tmp_path, members):
    write_members(tmp_path / "a.zip", members)
    content = (tmp_path / "a.zip").read_bytes()
    with opened(tmp_path / "a.zip") as file:
        found = read_directory(file)
        assert list(found) == sorted(members)
        for name, member in found.items():
            check_local_header(header_of(file, member), name, member)
            assert content[member.start : member.start + member.size] == members[name]


def test_records_of_zip64_are_read(tmp_path):
    path = tmp_path / "a.zip"
    write_members(path, {"a": b"1", "b": b"22"})
    zip64(2)(path)
    assert zipfile.ZipFile(path).namelist() == ["a", "b"]
    with opened(path) as file:
        assert [member.size for member in read_directory(file).values()] == [1, 2]
    write_members(path, {"a": b"1", "b": b"22"})
    zip64(3)(path)
    with opened(path) as file, pytest.raises(DirectoryError):
        read_directory(file)


def test_a_file_of_gigabytes_is_read(tmp_path):
    """As zipfile writes it: the last members begin beyond what 32 bits count."""
    path = tmp_path / "a.zip"
    size = 2**31 - 100
    with zipfile.ZipFile(path, "w") as archive:
        for name in "abcd":
            info = zipfile.ZipInfo(name)
            info.file_size = info.compress_size = size
            info.CRC = 0
            info.header_offset = archive.start_dir
            archive.fp.seek(archive.start_dir)
            archive.fp.write(info.FileHeader())
            archive.start_dir = archive.fp.tell() + size
            archive.filelist.append(info)
        archive._didModify = True
    assert path.stat().st_size > 2**33 - 1000
    assert path.stat().st_blocks * 512 < 1 << 20  # it is a hole
    with opened(path) as file:
        found = read_directory(file)
        assert [member.start for member in found.values()] == [
            31 + n * (31 + size) for n in range(4)
        ]
        check_local_header(header_of(file, found["d"]), "d", found["d"])


@pytest.mark.slow
def test_more_members_than_16_bits_count(tmp_path):
    path = tmp_path / "a.zip"
    write_members(path, {f"v/c/{n}": b"" for n in range(70_000)})
    with opened(path) as file:
        assert len(read_directory(file)) == 70_000
    write_members(path, {f"v/c/{n}": b"" for n in range(140_000)})
    with opened(path) as file, pytest.raises(DirectoryError, match="more than 131072 members"):
        read_directory(file)
