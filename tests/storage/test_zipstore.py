"""The store that zarr reads through: handles keep their version, also elsewhere."""

from __future__ import annotations

import asyncio
import os
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layeratlas.storage.zipstore import ZipReader
from zarr.abc.store import OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zarr.buffer import cpu, default_buffer_prototype

from layeratlas.errors import StoreError
from layeratlas.storage import (
    open_dataset,
    publish,
)


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


@pytest.fixture
def store(tmp_path, tree):
    publish(tree, tmp_path / "a.zarr.zip")
    reader = ZipReader(tmp_path / "a.zarr.zip")
    yield reader
    reader.close()


def ask(coroutine):
    """What an asynchronous question answers; listings as lists."""

    async def answer():
        if hasattr(coroutine, "__aiter__"):
            return [name async for name in coroutine]
        return await coroutine

    return asyncio.run(answer())


@given(
    st.one_of(
        st.none(),
        st.tuples(st.integers(0, 300), st.integers(0, 300)).map(
            lambda ends: RangeByteRequest(min(ends), max(ends))
        ),
        st.integers(0, 300).map(OffsetByteRequest),
        st.integers(1, 300).map(SuffixByteRequest),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_are_parts_of_the_whole(store, part):
    whole = store.archive["layers/loss/zarr.json"]
    expected = {
        type(None): lambda: whole,
        RangeByteRequest: lambda: whole[part.start : part.end],
        OffsetByteRequest: lambda: whole[part.offset :],
        SuffixByteRequest: lambda: whole[max(0, len(whole) - part.suffix) :],
    }[type(part)]()
    prototype = default_buffer_prototype()
    found = ask(store.get("layers/loss/zarr.json", prototype, part))
    assert found.to_bytes() == expected
    (again,) = ask(store.get_partial_values(prototype, [("layers/loss/zarr.json", part)]))
    assert again.to_bytes() == expected


def test_a_missing_chunk_is_an_error_and_missing_metadata_is_none(store):
    prototype = default_buffer_prototype()
    assert ask(store.get("layers/.zattrs", prototype)) is None
    with pytest.raises(StoreError, match="chunk layers/loss/c/9/9/9 is missing"):
        ask(store.get("layers/loss/c/9/9/9", prototype))


def test_listings_are_complete_and_in_order(store):
    names = ask(store.list())
    assert names == sorted(store.archive)
    assert ask(store.list_prefix("layers/loss/")) == [n for n in names if "layers/loss/" in n]
    assert ask(store.list_dir("")) == sorted({name.partition("/")[0] for name in names})
    # Sets of names differ from process to process; what xarray makes of a listing must not.
    assert ask(store.list_dir("layers")) == ["layer_name", "loss", "mark", "zarr.json"]
    assert ask(store.exists("zarr.json"))
    assert not ask(store.exists("nothing"))


def test_it_is_read_only(store):
    assert store.read_only
    buffer = cpu.Buffer.from_bytes(b"x")
    for change in (store.set("zarr.json", buffer), store.delete("zarr.json")):
        with pytest.raises((StoreError, ValueError), match="read-only"):
            ask(change)


def test_two_handles_are_not_equal(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    old = ZipReader(path)
    publish(make_cube(2), path)
    new = ZipReader(path)
    assert old != new
    assert old == old
    assert len({old, new}) == 2
    assert old.archive.identity != new.archive.identity


def test_a_copy_of_a_handle_reads_the_same(store):
    copy = pickle.loads(pickle.dumps(store))
    assert copy.archive.identity == store.archive.identity
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.archive["zarr.json"]
    assert copy.archive["zarr.json"]
    copy.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_reads_share_no_offset(store):
    """As after a fork: the file's own offset is where it was, whatever is read."""
    before = os.lseek(store.archive._descriptor, 0, os.SEEK_CUR)
    for name in store.archive:
        assert store.archive[name] is not None
    assert os.lseek(store.archive._descriptor, 0, os.SEEK_CUR) == before
