"""A hierarchy is whole, and of a size that is read; its faults: tests/storage/test_crafted.py."""

from __future__ import annotations

import pytest

from layeratlas.storage.canonical import canonical_json
from layeratlas.storage.hierarchy import HierarchyError, read_hierarchy
from layeratlas.storage.metadata import Array, array_metadata, group_metadata

GROUP = canonical_json(group_metadata({}, []))


def scalar(name: str) -> bytes:
    return canonical_json(array_metadata(Array(name, "int8", (), (), (), {})))


def index(name: str, size: int, step: int) -> bytes:
    return canonical_json(array_metadata(Array(name, "int64", (size,), (step,), (name,), {})))


def read(contents: dict[str, bytes], **chunks: int):
    sizes = {name: len(content) for name, content in contents.items()}
    return read_hierarchy({**sizes, **chunks}, contents)


def test_groups_and_their_variables():
    contents = {"zarr.json": GROUP, "b/zarr.json": GROUP, "b/v/zarr.json": scalar("b/v")}
    contents["a/zarr.json"] = GROUP
    found = read(contents, **{"b/v/c": 21})
    assert list(found) == ["/", "/a", "/b"]
    assert found["/b"].arrays["v"].path == "b/v"
    assert found["/"].arrays == {}


def test_no_more_nodes_than_a_cube_has():
    contents = {"zarr.json": GROUP} | {f"v{n}/zarr.json": scalar(f"v{n}") for n in range(4095)}
    chunks = {f"v{n}/c": 21 for n in range(4095)}
    assert len(read(contents, **chunks)["/"].arrays) == 4095
    with pytest.raises(HierarchyError, match="more metadata than is read: 4096 groups"):
        read(contents | {"w/zarr.json": scalar("w")}, **chunks, **{"w/c": 21})


def test_what_is_read_on_opening_is_no_more_than_may_be():
    chunk = 1 << 18
    for chunks, fits in ((4, True), (5, False)):
        contents = {"zarr.json": GROUP, "run/zarr.json": index("run", chunks * chunk, chunk)}
        members = {f"run/c/{n}": 99 for n in range(chunks)}
        if fits:
            assert read(contents, **members)["/"].arrays["run"].counts == (4,)
        else:
            with pytest.raises(HierarchyError, match="10485760 bytes of dimension coordinates"):
                read(contents, **members)


def test_a_dim_has_one_size_in_a_group_and_below_it():
    def of(path: str, size: int) -> bytes:
        return canonical_json(array_metadata(Array(path, "int8", (size,), (size,), ("x",), {})))

    contents = {"zarr.json": GROUP, "a/zarr.json": GROUP, "b/zarr.json": GROUP}
    members = {"a/v/c/0": 22, "b/v/c/0": 22}
    two = {"a/v/zarr.json": of("a/v", 2), "b/v/zarr.json": of("b/v", 3)}
    assert list(read({**contents, **two}, **members)) == ["/", "/a", "/b"]
    with pytest.raises(HierarchyError, match="'b/v' has size 3 along 'x', others have 2"):
        read({**contents, **two, "u/zarr.json": of("u", 2)}, **members, **{"u/c/0": 22})
