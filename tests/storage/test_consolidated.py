"""The root's metadata hold those of all nodes, in the spelling of their own."""

from __future__ import annotations

import json

import pytest
import xarray as xr
import zarr
from made.crafted import members_of, tree, write_members

from layeratlas.errors import StoreError
from layeratlas.storage import content_hash, open_datatree, publish
from layeratlas.storage.canonical import canonical_json
from layeratlas.storage.consolidated import KEY, consolidated, inner_documents


def test_what_goes_in_comes_out():
    members = {"a/zarr.json": b'{"attributes":{"x":1.5},"node_type":"group"}'}
    root = canonical_json(consolidated({"node_type": "group"}, members))
    assert inner_documents(root) == members
    assert json.loads(root)[KEY]["kind"] == "inline"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"consolidated_metadata":3}', b'{"consolidated_metadata":{"metadata":1}}',
     b'{"consolidated_metadata":{"metadata":{"a":NaN}}}'],
)  # fmt: skip
def test_what_says_nothing(content):
    assert inner_documents(content) is None


def test_plain_zarr_opens_the_whole_by_it(tmp_path):
    path = tmp_path / "a.zarr.zip"
    content = publish(tree(), path).content_hash
    for options in ({}, {"consolidated": True}, {"consolidated": False}):
        with zarr.storage.ZipStore(path, mode="r") as store:
            plain = xr.open_datatree(store, engine="zarr", **options).load()
        assert plain.groups == ("/", "/layers")
        assert plain["layers/loss"].equals(tree()["layers/loss"])
    members = members_of(path)
    assert KEY not in json.loads(members["zarr.json"])
    write_members(path, members)  # as earlier versions wrote it
    with open_datatree(path) as found:
        assert content_hash(found).root == content


def test_a_root_that_says_something_else_is_refused(tmp_path):
    path = tmp_path / "a.zarr.zip"
    publish(tree(), path)
    members = members_of(path, consolidated=True)
    root = json.loads(members["zarr.json"])
    whole = root[KEY]["metadata"]
    changes = [
        {**whole, "mark": {**whole["mark"], "shape": [1]}},
        {name: node for name, node in whole.items() if name != "mark"},
        {**whole, "more": whole["mark"]},
        {},
        None,
    ]
    for nodes in [whole, *changes]:
        root[KEY]["metadata"] = nodes
        write_members(path, members | {"zarr.json": canonical_json(root)})
        if nodes is whole:
            open_datatree(path).close()
            continue
        with pytest.raises(StoreError, match=r"'zarr\.json' has consolidated_metadata that are"):
            open_datatree(path)
