"""Crates as files by name, folders and zips alike, and those that are neither whole nor honest."""

from __future__ import annotations

import os
import zipfile

import pytest

from layeratlas.errors import UnreadableError
from layeratlas.provenance.crate.container import digest_in, is_crate, opened, read_all
from layeratlas.provenance.crate.layout import METADATA


@pytest.fixture(params=["folder", "zip"])
def crate(tmp_path, request):
    path = tmp_path / "crate"
    (path / "a").mkdir(parents=True)
    (path / METADATA).write_text("{}")
    (path / "a" / "b.txt").write_text("b")
    if request.param == "zip":
        with zipfile.ZipFile(tmp_path / "crate.zip", "w") as packed:
            for name in (METADATA, "a/b.txt"):
                packed.write(path / name, name)
        return tmp_path / "crate.zip"
    return path


def test_a_crate_is_its_files(crate):
    assert is_crate(crate)
    with opened(crate) as container:
        assert container.names() == ["a/b.txt", METADATA]
        assert read_all(container, "a/b.txt", crate, 10) == b"b"
        assert digest_in(container, "a/b.txt", crate).startswith("3e23e816")
        with pytest.raises(UnreadableError, match="of more than 0 bytes"):
            read_all(container, "a/b.txt", crate, 0)
        with pytest.raises(UnreadableError, match=r"no\.txt|No such file"):
            read_all(container, "no.txt", crate, 10)


def test_what_is_none(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"no zip")
    (tmp_path / "a.txt").write_bytes(b"")
    for name in ("a.zip", "a.txt", "nothing", "", "nul\0", "a" * 5_000):
        assert not is_crate(tmp_path / name if name else name)
    with pytest.raises(UnreadableError, match="no whole zip"), opened(tmp_path / "a.zip"):
        pass


def test_a_bomb_is_not_inflated(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", bytes(50_000_000))
    with opened(path) as container, pytest.raises(UnreadableError, match="50000000 bytes in"):
        digest_in(container, "zeros", path)


def test_two_files_of_one_name(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed, pytest.warns(UserWarning):
        packed.writestr("a", "1")
        packed.writestr("a", "2")
    with opened(path) as container, pytest.raises(UnreadableError, match="two files of one name"):
        container.names()


def test_no_link_leads_out_and_no_pipe_is_waited_for(tmp_path):
    (tmp_path / "crate").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "crate" / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "crate" / "pipe")
    with opened(tmp_path / "crate") as container:
        for name in ("link", "pipe"):
            with pytest.raises(UnreadableError, match=name):
                digest_in(container, name, tmp_path)
