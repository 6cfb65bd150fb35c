"""Objects: once each, read-only, linked where links reach."""

from __future__ import annotations

import os

from layeratlas.storage import (
    file_digest,
    publish,
)
from layeratlas.storage.keeping import link_object, seal_object, write_object


def test_objects_on_another_device(tmp_path, make_cube, monkeypatch, no_leftovers):
    def refuse(*args):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    manifest = publish(make_cube(1), tmp_path / "a.zarr.zip", objects=tmp_path / "objects")
    stored = tmp_path / "objects" / f"{manifest.digest}.zarr.zip"
    assert file_digest(stored) == manifest.digest
    assert not stored.stat().st_mode & 0o222


def test_a_link_and_a_copy_hold_the_same(tmp_path):
    source = tmp_path / "a.bin"
    source.write_bytes(b"one")
    link_object(source, tmp_path / "objects" / "linked")
    write_object(b"one", tmp_path / "objects" / "written")
    assert (tmp_path / "objects" / "linked").samefile(source)
    assert (tmp_path / "objects" / "written").read_bytes() == b"one"
    assert (tmp_path / "objects" / "written").stat().st_mode & 0o222 == 0


def test_what_is_kept_is_never_changed(tmp_path):
    stored = tmp_path / "kept"
    write_object(b"one", stored)
    source = tmp_path / "a.bin"
    source.write_bytes(b"two")
    link_object(source, stored)
    write_object(b"three", stored)
    assert stored.read_bytes() == b"one"


def test_an_object_is_sealed_once_nothing_shares_it(tmp_path):
    source, stored = tmp_path / "a.bin", tmp_path / "kept"
    source.write_bytes(b"one")
    link_object(source, stored)
    seal_object(stored)
    assert source.stat().st_mode & 0o200, "a link shares its mode"
    source.unlink()
    seal_object(stored)
    assert stored.stat().st_mode & 0o222 == 0
    seal_object(tmp_path / "nothing")
