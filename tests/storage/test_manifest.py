"""Manifests: where they lie, what they say, and what is none."""

from __future__ import annotations

import json

import pytest

from layeratlas.errors import StoreError
from layeratlas.storage import manifest_path, publish, read_manifest
from layeratlas.storage.manifest import FORMAT_VERSION, SUFFIX


def test_a_manifest_says_what_the_file_holds(tmp_path, tree):
    made = publish(tree, tmp_path / "a.zarr.zip")
    assert read_manifest(tmp_path / "a.zarr.zip") == read_manifest(tmp_path / "a.json") == made
    assert made.file == "a.zarr.zip"
    assert made.size == (tmp_path / "a.zarr.zip").stat().st_size
    assert made.dims["/layers"] == {"epoch": 5, "layer": 3, "seed": 4}
    loss = {"dtype": "float32", "dims": ["seed", "epoch", "layer"], "shape": [4, 5, 3]}
    assert made.variables["/layers/loss"] == loss
    assert made.variables["/layers/layer_name"]["dtype"] == "string"
    assert made.leaves.keys() > made.variables.keys()
    assert json.loads((tmp_path / "a.json").read_text()) == made.to_dict()


def test_it_lies_beside_its_archive(tmp_path):
    assert manifest_path(tmp_path / f"a{SUFFIX}") == tmp_path / "a.json"
    for name in ("a.zip", "a.json", SUFFIX):
        with pytest.raises(StoreError, match=r"must end in \.zarr\.zip"):
            manifest_path(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not a manifest"),
        ("[]", "not a manifest"),
        ("{}", "not a manifest"),
        (json.dumps({"format_version": FORMAT_VERSION, "odd": 1}), "not a manifest"),
        (json.dumps({"format_version": FORMAT_VERSION + 1}), "has format version 2; known is 1"),
    ],
)
def test_what_is_no_manifest(tmp_path, content, said):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(StoreError, match=said):
        read_manifest(tmp_path / "a.json")


def test_a_missing_manifest(tmp_path):
    with pytest.raises(StoreError, match="could not read manifest"):
        read_manifest(tmp_path / "a.zarr.zip")
