"""What is wrong with a file is named."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.damage import rewrite

from layeratlas.errors import StoreError
from layeratlas.storage import manifest_path, open_dataset, publish, verify, write_json_atomic
from layeratlas.storage.verification import manifest_problems


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
    with open_dataset(path) as found, pytest.raises(StoreError, match=r"'v/c/0' .* checksum"):
        found.v.load()
    assert any("checksum" in problem for problem in verify(path))


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


def test_a_manifest_edited_by_hand_is_found_without_reading_the_data(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    made = publish(make_cube(1), path)
    assert manifest_problems(path) == []
    for change in ({"size": 1}, {"dims": {}}, {"content_hash": "0" * 64}, {"leaves": {}}):
        write_json_atomic(manifest_path(path), made.to_dict() | change)
        (said,) = manifest_problems(path)
        assert "was changed after it was written" in said
        assert verify(path) != []
    manifest_path(path).unlink()
    (said,) = manifest_problems(path)
    assert "a.json: cannot be read: No such file" in said
