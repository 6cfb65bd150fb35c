"""What goes in comes out, and gives the same hash whatever it went through."""

from __future__ import annotations

import hashlib
import json
import pickle
import struct
import tempfile
import warnings
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as hnp

from layeratlas.errors import StoreError
from layeratlas.storage import blocks as blocks_module
from layeratlas.storage import (
    content_hash,
    file_digest,
    open_dataset,
    open_datatree,
    publish,
    read_manifest,
    verify,
)

NAMES = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=6).filter(
    lambda name: name not in {"x", "y", "z"}
)
TEXT = st.text(max_size=8)
ATTRIBUTES = st.dictionaries(
    TEXT.map("a{}".format),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.lists(st.integers(), max_size=3)
    | st.sampled_from([np.float32(0.1), np.int8(3), np.array([1, 2]), np.array(2.5)]),
    max_size=3,
)
DTYPES = ["?", "i1", "i8", "u2", "f2", "f4", "f8", ">f4", ">i8", "U", "O", "T"]


@st.composite
def variables(draw, sizes):
    dims = tuple(draw(st.permutations(list(sizes))))[: draw(st.integers(0, 3))]
    shape = tuple(sizes[dim] for dim in dims)
    dtype = draw(st.sampled_from(DTYPES))
    if dtype in "UOT":
        values = draw(hnp.arrays(object, shape, elements=TEXT, fill=st.nothing()))
        if dtype == "T":
            values = values.astype(np.dtypes.StringDType())
        elif dtype == "U":
            values = values.astype("U8")
    else:
        values = draw(hnp.arrays(dtype, shape))
    return dims, values, draw(ATTRIBUTES)


@st.composite
def datasets(draw):
    sizes = {"x": 3, "y": 2, "z": draw(st.sampled_from([0, 1, 4]))}
    data = draw(st.dictionaries(NAMES, variables(sizes), max_size=4))
    dataset = xr.Dataset(data, attrs=draw(ATTRIBUTES))
    coords = [name for name in data if draw(st.booleans())]
    dataset = dataset.set_coords(coords)
    if draw(st.booleans()):
        dataset = dataset.assign_coords(x=("x", ["p", "q", "r"], draw(ATTRIBUTES)))
    return dataset


def naive_hash(tree: xr.DataTree) -> str:
    """The definition of the content hash, value by value."""

    def sha(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    def dumps(value) -> bytes:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def attributes(attrs):
        return {k: v.tolist() if hasattr(v, "tolist") else v for k, v in attrs.items()}

    leaves = {}
    for node in tree.subtree:
        dataset = node.to_dataset(inherit=False)
        prefix = node.path.rstrip("/") + "/"
        leaves[prefix] = sha(dumps([attributes(dataset.attrs), sorted(dataset.coords)]))
        for name, variable in dataset.variables.items():
            values = variable.values
            data = b""
            if values.dtype.kind in "UOT":
                dtype = "string"
                for value in values.ravel().tolist():
                    data += struct.pack("<Q", len(value.encode())) + value.encode()
            else:
                dtype = values.dtype.newbyteorder("=").name
                code = values.dtype.newbyteorder("<").str[1:]
                for value in values.ravel():
                    value = np.nan if value != value else value
                    data += np.array(value).astype("<" + code).tobytes()
            header = [
                name,
                dtype,
                list(variable.shape),
                list(variable.dims),
                attributes(variable.attrs),
            ]
            leaves[prefix + name] = sha(dumps(header) + data)
    return sha(dumps(leaves))


def assert_same(found: xr.Dataset, expected: xr.Dataset) -> None:
    assert list(found.variables) != [] or list(expected.variables) == []
    assert set(found.coords) == set(expected.coords)
    for name, variable in expected.variables.items():
        assert found[name].dims == variable.dims
        np.testing.assert_array_equal(found[name].values, variable.values)
    assert set(found.attrs) == set(expected.attrs)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(datasets(), datasets())
def test_any_tree_comes_back_with_the_same_hash(root, child):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing this package writes is called unstable
        path = Path(folder) / "a.zarr.zip"
        # a node must not disagree with its parents about a dim
        child = child.drop_vars("x", errors="ignore")
        child = child.rename_dims({dim: f"child_{dim}" for dim in child.dims})
        tree = xr.DataTree.from_dict({"/": root, "/one/two": child})
        manifest = publish(tree, path)
        with open_datatree(path) as found:
            assert content_hash(found).root == manifest.content_hash
            assert content_hash(tree).root == manifest.content_hash
            assert naive_hash(tree) == manifest.content_hash
            assert_same(found.to_dataset(), root)
            assert_same(found["one/two"].to_dataset(inherit=False), child)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(datasets())
def test_hash_is_the_same_across_layouts_codecs_and_chunks(dataset):
    # xarray's own writer cannot know that objects are text when there are none
    objects = [n for n, v in dataset.variables.items() if v.dtype == object and v.size == 0]
    dataset = dataset.drop_vars(objects)
    expected = content_hash(dataset).root
    plain = dataset.copy(deep=True)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fixed-width text, which xarray's own writer keeps
        sizes = dict.fromkeys(dataset.dims, 1)
        options = {name: {"compressors": None} for name in dataset.variables}
        for where, chunked, encoding in [("a", plain, {}), ("b", plain.chunk(sizes), options)]:
            target = f"{folder}/{where}"
            chunked.to_zarr(target, zarr_format=3, consolidated=False, encoding=encoding)
            with xr.open_zarr(
                target, consolidated=False, decode_times=False, decode_timedelta=False
            ) as found:
                assert content_hash(found).root == expected
        assert content_hash(dataset.chunk(sizes)).root == expected
        publish(dataset.chunk(sizes), Path(folder) / "c.zarr.zip")
        publish(dataset, Path(folder) / "d.zarr.zip")
        assert file_digest(Path(folder) / "c.zarr.zip") == file_digest(Path(folder) / "d.zarr.zip")


@pytest.mark.parametrize("shape", [(7, 3, 5), (1, 9, 4), (30, 2, 2), (2, 40, 1), (11,)])
@pytest.mark.parametrize("steps", [1, 2, 3, 100])
def test_many_chunks(monkeypatch, tmp_path, shape, steps):
    """Chunk limits of a few bytes drive small arrays through the paths of large ones."""
    monkeypatch.setattr(blocks_module, "LARGEST_CHUNK", 64)
    monkeypatch.setattr(blocks_module, "USUAL_CHUNK", 32)
    dims = ("a", "b", "c")[: len(shape)]
    values = np.random.default_rng(0).normal(size=shape)
    dataset = xr.Dataset({"v": (dims, values)})
    manifest = publish(dataset, tmp_path / "one.zarr.zip")
    with open_dataset(tmp_path / "one.zarr.zip") as found:
        np.testing.assert_array_equal(found.v.values, values)
        again = publish(found, tmp_path / "two.zarr.zip")
    chunked = publish(dataset.chunk(dict.fromkeys(dims, steps)), tmp_path / "three.zarr.zip")
    assert manifest.digest == again.digest == chunked.digest
    assert naive_hash(xr.DataTree(dataset)) == manifest.content_hash


def test_chunk_shapes():
    shape_of = blocks_module.chunk_shape
    assert shape_of((), 8) == ()
    assert shape_of((0, 5), 8) == (1, 5)
    assert shape_of((1024, 1024), 4) == (1024, 1024)
    for shape in [(100, 100, 1000), (3, 5_000_000), (2, 2, 2, 700_000), (2_000_000,)]:
        chunk = shape_of(shape, 8)
        assert 2**20 <= np.prod(chunk) * 8 <= 4 * 2**20
    # a dask block is computed once, however its edges fall
    computed = []

    def note(block):
        computed.append(block.shape)
        return block

    array = xr.DataArray(np.zeros((1000, 1000)), dims=("a", "b")).chunk(a=300)
    array = array.copy(data=array.data.map_blocks(note, dtype=float, meta=np.zeros((0, 0))))
    content_hash(array.to_dataset(name="v"))
    assert len(computed) == 4


def test_same_bytes_whatever_the_order_of_things(tmp_path):
    a = xr.Dataset(
        {"u": ("x", [1.0, np.nan]), "v": ((), 1)}, coords={"k": 1, "x": [1, 2]}, attrs={"p": 1}
    )
    a["u"].attrs = {"units": "1", "long_name": "u"}
    odd_nan = np.array([0x3FF0000000000000, 0xFFF8000000000001], "u8").view("f8")
    b = xr.Dataset({"v": ((), 1), "u": ("x", odd_nan)}, attrs={"p": np.int8(1)})
    b = b.assign_coords(x=[1, 2]).assign_coords(k=1)
    b["u"].attrs = {"long_name": "u", "units": "1"}
    b["u"].encoding = {"chunks": (1,), "_FillValue": -1.0, "dtype": "int16"}
    one = publish(a, tmp_path / "one" / "a.zarr.zip")
    two = publish(b, tmp_path / "two" / "a.zarr.zip")
    for name in ("a.zarr.zip", "a.json"):
        contents = [(tmp_path / folder / name).read_bytes() for folder in ("one", "two")]
        assert contents[0] == contents[1]
    assert one == two == read_manifest(tmp_path / "one" / "a.zarr.zip")


def test_large_variable_gives_the_same_bytes_again(tmp_path):
    values = np.random.default_rng(0).integers(0, 50, size=(900, 2000)).astype("f4")
    dataset = xr.Dataset({"v": (("a", "b"), values)})
    digests = {publish(dataset, tmp_path / f"{i}.zarr.zip").digest for i in range(4)}
    # names differ, contents do not
    assert len(digests) == 1


def test_hash_tells_what_differs(tree):
    before = content_hash(tree)
    changed = tree.copy(deep=True)
    changed["layers/loss"][0, 0, 0] = 7
    after = content_hash(changed)
    assert before.root != after.root
    assert {k for k in before.leaves if before.leaves[k] != after.leaves[k]} == {"/layers/loss"}

    def root(**variables):
        return content_hash(xr.Dataset(variables)).root

    assert root(a=("x", [0.0])) != root(a=("x", [-0.0]))
    assert root(a=("x", ["ab", "c"])) != root(a=("x", ["a", "bc"]))
    assert root(a=("x", [1])) != root(a=("y", [1]))
    assert root(a=("x", np.array([1], "i4"))) != root(a=("x", np.array([1], "i8")))
    coordinate = xr.Dataset({"a": 1}).set_coords("a")
    assert root(a=((), 1)) != content_hash(coordinate).root


def test_xarray_opens_it_without_an_engine(tmp_path, tree):
    path = tmp_path / "a.zarr.zip"
    publish(tree, path)
    with xr.open_dataset(path, group="layers") as layers:
        assert layers.loss.variable._in_memory is False
        assert layers.loss.chunks is None
        assert layers.sel(seed=2).loss.mean() == 1
    with xr.open_dataset(str(path), group="/layers", chunks={}) as layers:
        assert layers.loss.chunks is not None
        assert layers.loss.mean().compute() == 1
        assert pickle.loads(pickle.dumps(layers)).loss.mean().compute() == 1
    with xr.open_datatree(path, chunks={}) as found:
        assert found["layers/loss"].chunks is not None
        assert list(found.children) == ["layers"]
    with xr.open_datatree(path) as found:
        xr.testing.assert_identical(found.load(), tree)
    assert list(xr.open_groups(path)) == ["/", "/layers"]


def test_xarray_opens_it_without_this_package(tmp_path, tree):
    path = tmp_path / "a.zarr.zip"
    publish(tree, path)
    found = xr.open_datatree(
        zarr.storage.ZipStore(path, mode="r"), engine="zarr", consolidated=False
    )
    xr.testing.assert_identical(found.load(), tree)
    assert verify(path) == []


def test_text_coordinates_select(tmp_path):
    dataset = xr.Dataset({"v": ("name", [1, 2])}, coords={"name": ["alpha", "beta"]})
    publish(dataset, tmp_path / "a.zarr.zip")
    with open_dataset(tmp_path / "a.zarr.zip") as found:
        assert found.v.sel(name="beta") == 2


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        (xr.Dataset(attrs={"alpha": np.nan}), "'alpha'"),
        (xr.Dataset({"v": ((), 1, {"rate": [1.0, np.inf]})}), "'rate'"),
        (xr.Dataset(attrs={"alpha": b"x"}), "'alpha'"),
        (xr.Dataset(attrs={"alpha": "\ud800"}), "'alpha'"),
        (xr.Dataset({"v": ((), 1.0, {"_FillValue": 1.0})}), "_FillValue"),
        (xr.Dataset({"v": ("x", np.array(["a", None], dtype=object))}), "/v"),
        (xr.Dataset({"v": ("x", np.array(["\ud800"], dtype=object))}), "/v"),
        (xr.Dataset({"v": ("t", np.array(["2020-01-01"], "M8[ns]"))}), "/v"),
        (xr.Dataset({"v": ("t", np.array([1j]))}), "/v"),
        (xr.Dataset({"a b": 1}), "'a b'"),
        (xr.Dataset({"a/b": 1}), "'a/b'"),
        (xr.Dataset({3: ((), 1)}), "3"),
    ],
)
def test_what_cannot_be_stored_is_named(tmp_path, no_leftovers, dataset, words):
    with pytest.raises(StoreError, match=words):
        publish(dataset, tmp_path / "a.zarr.zip")
    assert list(tmp_path.iterdir()) == []


def test_names_are_checked(tmp_path, tree):
    with pytest.raises(StoreError, match=r"\.zarr\.zip"):
        publish(tree, tmp_path / "a.zip")
    with pytest.raises(StoreError, match="Dataset"):
        publish([1], tmp_path / "a.zarr.zip")


def test_a_subtree_keeps_what_it_inherits(tmp_path):
    tree = xr.DataTree.from_dict(
        {"/": xr.Dataset(coords={"x": [1, 2]}), "/a": xr.Dataset({"v": ("x", [3, 4])})}
    )
    publish(tree["a"], tmp_path / "a.zarr.zip")
    with open_datatree(tmp_path / "a.zarr.zip") as found:
        assert found.v.sel(x=2) == 4
