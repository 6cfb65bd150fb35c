"""A new version stands whole, or the old one does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from layeratlas.errors import StoreError
from layeratlas.storage import (
    content_hash,
    file_digest,
    open_datatree,
    publish,
    publishing,
    verify,
)


def test_objects_keep_every_version(tmp_path, make_cube, no_leftovers):
    path, objects = tmp_path / "a.zarr.zip", tmp_path / "objects"
    first = publish(make_cube(1), path, objects=objects)
    stored = objects / f"{first.digest}.zarr.zip"
    assert not stored.samefile(path), "what is written into a result must not reach its versions"
    assert not stored.stat().st_mode & 0o222
    second = publish(make_cube(2), path, objects=objects)
    assert file_digest(stored) == first.digest
    assert path.stat().st_mode & 0o200, "Snakemake refuses to replace read-only outputs"
    with open_datatree(stored) as tree:
        assert content_hash(tree).root == first.content_hash
    before = stored.stat().st_mtime_ns
    assert publish(make_cube(1), path, objects=objects) == first
    assert stored.stat().st_mtime_ns == before
    assert {p.name for p in objects.iterdir()} == {f"{m.digest}.zarr.zip" for m in (first, second)}


def test_lazy_data_may_come_from_the_file_it_replaces(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    first = publish(make_cube(1), path)
    with open_datatree(path) as tree:
        assert publish(tree, path) == first
        assert publish(tree, path) == first


def test_what_reads_back_wrong_is_not_published(tmp_path, make_cube, monkeypatch, no_leftovers):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    right = publishing.write_archive

    def wrong(data, target):
        right(make_cube(3), target)
        return content_hash(data)

    monkeypatch.setattr(publishing, "write_archive", wrong)
    with pytest.raises(StoreError, match="/layers/loss"):
        publish(make_cube(2), path)
    with open_datatree(path) as tree:
        assert int(tree["layers/mark"]) == 1
    assert verify(path) == []


def test_importing_does_not_import_zarr():
    code = "import sys, layeratlas.storage; assert 'zarr' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
