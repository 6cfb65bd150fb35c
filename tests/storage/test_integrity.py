"""Damage is an error, never a number."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas.cubes.opening import open_cube
from layeratlas.errors import StoreError
from layeratlas.storage import (
    content_hash,
    manifest_path,
    open_dataset,
    open_datatree,
    publish,
    read_manifest,
    verify,
)

FLIPS = 200


def rewrite(path: Path, change) -> None:
    """Write the archive again with `change(name, content)` for every member; None drops it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if (content := change(name, content)) is not None:
                archive.writestr(name, content)


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


def test_damage_behind_the_zip_checksum_is_seen(tmp_path):
    """A chunk changed together with its zip checksum: Crc32c inside the chunk still tells."""
    path = tmp_path / "a.zarr.zip"
    publish(xr.Dataset({"v": ("x", np.arange(100.0))}), path)

    def flip(name, content):
        if name == "v/c/0":
            content = bytearray(content)
            content[len(content) // 2] ^= 1
        return bytes(content)

    rewrite(path, flip)
    with open_dataset(path) as found, pytest.raises(ValueError, match="checksum"):
        found.v.load()
    assert any("checksum" in problem for problem in verify(path))


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


def test_wrong_group_and_closed_file(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    with pytest.raises(StoreError, match="'/', '/layers'"):
        open_dataset(path, group="spectra")
    with open_dataset(path, group="layers") as layers:
        pass
    with pytest.raises(StoreError, match="closed"):
        layers.loss.load()


def test_an_open_handle_keeps_its_version(tmp_path, make_cube):
    import pickle

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


def test_verify_names_what_differs(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    other = publish(make_cube(2), tmp_path / "b.zarr.zip")
    assert verify(path) == []
    manifest_path(path).write_bytes(manifest_path(tmp_path / "b.zarr.zip").read_bytes())
    problems = verify(path)
    assert len(problems) == 3
    assert "describes b.zarr.zip" in problems[0]
    assert other.digest in problems[1]
    assert "/layers/loss" in problems[2]
    manifest_path(path).unlink()
    assert len(verify(path)) == 1
    manifest_path(path).write_text('{"format_version": 99}')
    with pytest.raises(StoreError, match="version 99"):
        read_manifest(path)
    manifest_path(path).write_text("[]")
    with pytest.raises(StoreError, match="not a manifest"):
        read_manifest(path)


def test_open_cube(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    with open_cube(path) as cube:
        assert cube["layers/loss"].dims == ("seed", "epoch", "layer")
    with pytest.raises(StoreError, match=r"\.zarr\.zip"):
        open_cube(manifest_path(path))
    with pytest.raises(StoreError, match="does not exist"):
        open_cube(str(tmp_path / "b.zarr.zip"))
