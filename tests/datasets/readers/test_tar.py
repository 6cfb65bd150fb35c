"""Tar archives, whole and cut."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from made.official_files import RNG, message, tar_gz

from layeratlas.datasets.readers import tar
from layeratlas.datasets.readers.tar import tar_members
from layeratlas.errors import DatasetError


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "stl10"])
def test_damaged_tar(stand_in, name):
    whole = tar_gz({"a/train.bin": RNG.bytes(5000), "a/readme.txt": RNG.bytes(5000)})
    assert "not found inside" in message(name, stand_in(name, {"archive": whole}))
    for content in (whole[:3000], whole[:100], b"not a tar", b""):
        said = message(name, stand_in(name, {"archive": content}))
        assert "could not be read" in said or "not found inside" in said


def hostile(*members: tarfile.TarInfo, content: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(content) if member.isfile() else None)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_links_and_devices_are_not_followed(tmp_path, kind):
    secret = tmp_path / "secret"
    secret.write_bytes(b"not for everybody")
    member = tarfile.TarInfo("a/train.bin")
    member.type, member.linkname = kind, str(secret)
    path = tmp_path / "a.tar.gz"
    path.write_bytes(hostile(member))
    with pytest.raises(DatasetError, match=r"train\.bin not found inside"):
        tar_members(path, ["train.bin"])


def test_names_that_leave_the_folder_write_nothing(tmp_path):
    path = tmp_path / "inner" / "a.tar.gz"
    path.parent.mkdir()
    path.write_bytes(tar_gz({"../train.bin": b"first", "/train.bin": b"second"}))
    assert tar_members(path, ["train.bin"]) == {"train.bin": b"first"}
    assert [found.name for found in tmp_path.rglob("*")] == ["inner", "a.tar.gz"]


def test_bombs_are_refused_before_they_are_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "a.tar.gz"
    large = tarfile.TarInfo("train.bin")
    large.size = 1 << 40
    path.write_bytes(gzip.compress(large.tobuf() + bytes(100_000)))
    with pytest.raises(DatasetError, match="holds more than an archive of images does"):
        tar_members(path, ["train.bin"])
    monkeypatch.setattr(tar, "_MOST_BYTES", 50_000)
    path.write_bytes(tar_gz({"train.bin": bytes(100_000)}))
    with pytest.raises(DatasetError, match="has 100000 bytes; at most 50000"):
        tar_members(path, ["train.bin"])
    path.write_bytes(tar_gz({f"{number}": b"" for number in range(1100)}))
    with pytest.raises(DatasetError, match="holds more than an archive"):
        tar_members(path, ["train.bin"])
