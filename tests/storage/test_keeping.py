"""Objects: once each, read-only, files of their own."""

from __future__ import annotations

import os

import pytest

from layeratlas.storage import (
    file_digest,
    publish,
)
from layeratlas.storage.keeping import copy_object, write_object


def test_objects_need_no_links(tmp_path, make_cube, monkeypatch, no_leftovers):
    def refuse(*args):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    manifest = publish(make_cube(1), tmp_path / "a.zarr.zip", objects=tmp_path / "objects")
    stored = tmp_path / "objects" / f"{manifest.digest}.zarr.zip"
    assert file_digest(stored) == manifest.digest
    assert not stored.stat().st_mode & 0o222


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"one")
    return path


def test_files_and_bytes_are_kept_alike(tmp_path, source, no_leftovers):
    copied, written = tmp_path / "objects" / "copied", tmp_path / "objects" / "written"
    copy_object(source, copied)
    write_object(b"one", written)
    for stored in (copied, written):
        assert stored.read_bytes() == b"one"
        assert not stored.stat().st_mode & 0o222
        assert stored.stat().st_nlink == 1
    assert source.stat().st_mode & 0o200, "the source stays as it was"


def test_what_becomes_of_the_source_changes_no_object(tmp_path, source):
    stored = tmp_path / "kept"
    copy_object(source, stored)
    # In place, as Snakemake puts a result back after a failed job.
    with source.open("r+b") as file:
        file.write(b"two")
    assert stored.read_bytes() == b"one"
    source.unlink()
    assert stored.read_bytes() == b"one"


def test_what_is_kept_is_never_changed(tmp_path, source):
    stored = tmp_path / "kept"
    write_object(b"zero", stored)
    copy_object(source, stored)
    write_object(b"three", stored)
    assert stored.read_bytes() == b"zero"
