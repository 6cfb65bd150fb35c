"""Manifests: where they lie, what they say, and what is none."""

from __future__ import annotations

import json
import os
import random

import pytest

from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import LONGEST, StoreError
from layeratlas.storage import manifest_path, publish, read_manifest, verify
from layeratlas.storage.hashing import ContentHash
from layeratlas.storage.manifest import FORMAT_VERSION, SUFFIX
from layeratlas.storage.verification import manifest_problems


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
    document = json.loads((tmp_path / "a.json").read_text())
    assert check_seal(document, "a.json")
    assert {key: value for key, value in document.items() if key != SEAL} == made.to_dict()


def test_it_lies_beside_its_archive(tmp_path):
    assert manifest_path(tmp_path / f"a{SUFFIX}") == tmp_path / "a.json"
    for name in ("a.zip", "a.json", SUFFIX):
        with pytest.raises(StoreError, match=r"must end in \.zarr\.zip"):
            manifest_path(tmp_path / name)


def test_one_of_before_there_were_seals_is_read(tmp_path, tree):
    made = publish(tree, tmp_path / "a.zarr.zip")
    (tmp_path / "a.json").write_text(json.dumps(made.to_dict()))
    assert read_manifest(tmp_path / "a.json") == made
    assert verify(tmp_path / "a.zarr.zip") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not whole JSON"),
        ("[" * 200_000, "nested deeper"),
        ("[]", "not a manifest"),
        ("{}", "not a manifest"),
        (json.dumps({"format_version": FORMAT_VERSION, "odd": 1}), "not a manifest"),
        (json.dumps({"format_version": FORMAT_VERSION + 1}), "has format version 2; known is 1"),
        (json.dumps({"format_version": True}), "has format version True; known is 1"),
        (json.dumps({"format_version": {"a": [1]}}), "has format version {'a': .1.}; known is 1"),
    ],
)
def test_what_is_no_manifest(tmp_path, content, said):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(StoreError, match=said):
        read_manifest(tmp_path / "a.json")


def test_a_missing_manifest(tmp_path):
    with pytest.raises(StoreError, match=r"a\.json: cannot be read: No such file"):
        read_manifest(tmp_path / "a.zarr.zip")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(StoreError, match="no regular file"):
        read_manifest(tmp_path / "a.zarr.zip")


def leaf(manifest: dict, change) -> None:
    """Another set of leaves, with the root that belongs to it."""
    change(manifest["leaves"])
    manifest["content_hash"] = ContentHash.of(manifest["leaves"]).root


LOSS = "/layers/loss"
CHANGES = {
    "a root of other leaves": lambda m: m.update(content_hash="0" * 64),
    "a leaf": lambda m: m["leaves"].update({LOSS: "0" * 64}),
    "a leaf of nothing": lambda m: leaf(m, lambda leaves: leaves.update({"/x": "0" * 64})),
    "a leaf less": lambda m: leaf(m, lambda leaves: leaves.pop(LOSS)),
    "a variable less": lambda m: m["variables"].pop(LOSS),
    "a group less": lambda m: m["dims"].pop("/layers"),
    "another size": lambda m: m["dims"]["/layers"].update(seed=5),
    "a dim of nothing": lambda m: m["dims"]["/layers"].update(x=5),
    "another shape": lambda m: m["variables"][LOSS].update(shape=[4, 5, 4]),
    "a shape less": lambda m: m["variables"][LOSS].update(shape=[4, 5]),
    "another type": lambda m: m["variables"][LOSS].update(dtype="complex64"),
    "a type of its own": lambda m: m["variables"][LOSS].update(dtype=["float32"]),
    "a key more of a variable": lambda m: m["variables"][LOSS].update(x=1),
    "a key more": lambda m: m.update(extra=1),
    "a key less": lambda m: m.pop("digest"),
    "a size as truth": lambda m: m.update(size=True),
    "a size with a fraction": lambda m: m.update(size=1.0),
    "a negative size": lambda m: m.update(size=-1),
    "no size": lambda m: m.update(size=None),
    "a short digest": lambda m: m.update(digest="ab"),
    "a digest in capitals": lambda m: m.update(digest="A" * 64),
    "a digest that is a number": lambda m: m.update(digest=1),
    "leaves that are a list": lambda m: m.update(leaves=[]),
    "dims of dims": lambda m: m["dims"]["/layers"].update(seed={"a": 1}),
    "a file elsewhere": lambda m: m.update(file="../../a.zarr.zip"),
    "another kind of file": lambda m: m.update(file="passwd"),
    "a file that is a list": lambda m: m.update(file=[]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_manifest_says_of_itself_is_checked(tmp_path, tree, name):
    """Without its seal, as an older one is, or sealed anew by whoever changed it."""
    path = tmp_path / "a.zarr.zip"
    document = publish(tree, path).to_dict()
    CHANGES[name](document)
    for written in (document, sealed(document)):
        manifest_path(path).write_text(json.dumps(written))
        with pytest.raises(StoreError) as info:
            read_manifest(path)
        assert len(str(info.value)) < LONGEST
        assert "a.json" in str(info.value)
        assert verify(path) == [str(info.value)]
        assert manifest_problems(path) == [str(info.value)]


def test_a_change_under_a_seal_is_seen(tmp_path, tree):
    """Of what nothing else in the manifest repeats."""
    path = tmp_path / "a.zarr.zip"
    publish(tree, path)
    document = json.loads(manifest_path(path).read_text())
    manifest_path(path).write_text(json.dumps(document | {"size": 7}))
    with pytest.raises(StoreError, match="does not fit its seal"):
        read_manifest(path)


def test_no_flipped_bit_of_a_manifest_is_believed(tmp_path, tree):
    path = tmp_path / "a.zarr.zip"
    made = publish(tree, path)
    whole = manifest_path(path).read_bytes()
    chance = random.Random(0)
    for number, bit in enumerate(chance.sample(range(8 * len(whole)), 300)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        manifest_path(path).write_bytes(damaged)
        with pytest.raises(StoreError):
            assert read_manifest(path) != made, f"bit {bit} changed nothing"
        if number % 30 == 0:
            assert verify(path) != []
