"""Damage is an error, never a number."""

from __future__ import annotations

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
    with pytest.raises(StoreError, match="could not read"):
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
