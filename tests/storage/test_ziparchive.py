"""Damage is an error, never a number."""

from __future__ import annotations

import os
import pickle
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made.damage import rewrite

from layeratlas.errors import StoreError
from layeratlas.storage import (
    content_hash,
    open_dataset,
    open_datatree,
    publish,
    verify,
)
from layeratlas.storage.ziparchive import ZipArchive

FLIPS = 200


def read_all(path: Path) -> xr.DataTree:
    with open_datatree(path) as tree:
        return tree.load()


@pytest.mark.parametrize("where", ["anywhere", "directory"])
def test_no_flipped_bit_gives_a_wrong_value(tmp_path, make_cube, where):
    path = tmp_path / "a.zarr.zip"
    tree = make_cube(1, seeds=3)
    tree["layers/loss"][:] = np.random.default_rng(0).normal(size=tree["layers/loss"].shape)
    manifest = publish(tree, path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        first = 0 if where == "anywhere" else archive.start_dir
    chance = random.Random(where)
    raised = 0
    for _ in range(FLIPS):
        bit = chance.randrange(8 * first, 8 * len(whole))
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            found = read_all(path)
        except StoreError:
            raised += 1
        else:
            assert content_hash(found).root == manifest.content_hash, f"bit {bit}"
        problems = verify(path)
        assert any("digest" in problem for problem in problems), f"bit {bit}"
    assert raised > FLIPS / 4


def test_missing_members(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    assert names == sorted(names)
    for missing in names:
        path.write_bytes(whole)
        rewrite(path, lambda name, content, gone=missing: None if name == gone else content)
        with pytest.raises(StoreError):
            open_datatree(path)
        assert verify(path) != []
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("stray", b"")
    with pytest.raises(StoreError, match="stray"):
        open_datatree(path)


def test_truncated_files(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    whole = path.read_bytes()
    for length in [0, 1, 10, len(whole) // 3, len(whole) // 2, len(whole) - 30, len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(StoreError, match="truncated"):
            open_datatree(path)
        with pytest.raises(StoreError, match="truncated"):
            xr.open_dataset(path)
        assert len(verify(path)) == 2


def test_foreign_files(tmp_path):
    path = tmp_path / "a.zarr.zip"
    with pytest.raises(StoreError, match="does not exist"):
        open_dataset(path)
    path.mkdir()
    with pytest.raises(StoreError, match="is no regular file"):
        open_dataset(path)
    path.rmdir()
    path.write_text("text")
    with pytest.raises(StoreError, match="not a whole zip"):
        open_dataset(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(StoreError, match=r"without zarr\.json"):
        open_dataset(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zarr.json", '{"node_type": "group", "zarr_format": 3}')
    with pytest.raises(StoreError, match="compressed"):
        open_dataset(path)


def test_an_open_handle_keeps_its_version(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    with open_dataset(path, group="layers", chunks={}) as old:
        sent = pickle.dumps(old)
        publish(make_cube(2), path)
        assert int(old.mark) == 1
        assert float(old.loss.mean()) == 1
        with pytest.raises(StoreError, match="replaced"):
            pickle.loads(sent)
    with open_dataset(path, group="layers") as new:
        assert int(new.mark) == 2


def test_two_handles_are_not_equal(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    old = ZipArchive(path)
    publish(make_cube(2), path)
    new = ZipArchive(path)
    assert old != new
    assert old == old
    assert len({old, new}) == 2
    assert old.identity != new.identity


def test_a_copy_of_a_handle_reads_the_same(tmp_path, tree):
    publish(tree, tmp_path / "a.zarr.zip")
    archive = ZipArchive(tmp_path / "a.zarr.zip")
    copy = pickle.loads(pickle.dumps(archive))
    assert copy.identity == archive.identity
    archive.close()
    archive.close()
    with pytest.raises(StoreError, match="closed"):
        archive["zarr.json"]
    assert copy["zarr.json"]
    copy.close()


def test_it_is_a_mapping(tmp_path, tree):
    publish(tree, tmp_path / "a.zarr.zip")
    archive = ZipArchive(tmp_path / "a.zarr.zip")
    assert list(archive) == sorted(archive)
    assert len(archive) == len(list(archive))
    assert "zarr.json" in archive
    assert "nothing" not in archive
    with pytest.raises(KeyError):
        archive["nothing"]
    assert list(archive.groups) == ["/", "/layers"]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.zarr.zip")
    with pytest.raises(StoreError, match="no regular file"):
        open_datatree(tmp_path / "a.zarr.zip")
    assert any("no regular file" in problem for problem in verify(tmp_path / "a.zarr.zip"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_reads_share_no_offset(tmp_path, tree):
    """As after a fork: the file's own offset is where it was, whatever is read."""
    publish(tree, tmp_path / "a.zarr.zip")
    archive = ZipArchive(tmp_path / "a.zarr.zip")
    before = os.lseek(archive._file._descriptor, 0, os.SEEK_CUR)
    for name in archive:
        assert archive[name] is not None
    assert os.lseek(archive._file._descriptor, 0, os.SEEK_CUR) == before
