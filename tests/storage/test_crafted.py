"""Whatever an archive says, it is refused in one sentence by every way in; or it is what it was."""

from __future__ import annotations

import json
import shutil
import tracemalloc
from pathlib import Path

import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made.crafted import CASES, CHUNKS, craft, members_of, tree, write_members

from layeratlas.cubes.opening import open_cube
from layeratlas.errors import LONGEST, StoreError
from layeratlas.storage import content_hash, open_dataset, open_datatree, publish, verify
from layeratlas.storage.export import to_netcdf, unpack

MIB = 1 << 20


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("published") / "cube.zarr.zip"
    publish(tree(), path)
    return path


@pytest.fixture
def cube(tmp_path, published) -> Path:
    shutil.copy(published, tmp_path / "cube.zarr.zip")
    shutil.copy(published.with_name("cube.json"), tmp_path / "cube.json")
    return tmp_path / "cube.zarr.zip"


def read_datasets(path: Path, opened) -> None:
    for group in ("/", "layers"):
        with opened(path, group=group) as dataset:
            dataset.load()


def read_tree(path: Path, opened) -> None:
    with opened(path) as found:
        found.load()


def hashed(path: Path) -> None:
    with open_datatree(path) as found:
        content_hash(found)


def in_netcdf(path: Path) -> None:
    try:
        for group in ("/", "layers"):
            to_netcdf(path, group, path.with_name("x.nc"))
    finally:
        path.with_name("x.nc").unlink(missing_ok=True)


def again(path: Path) -> None:
    with open_datatree(path) as found:
        publish(found, path.with_name("again.zarr.zip"))


WAYS = {
    "open_datatree": lambda path: read_tree(path, open_datatree),
    "open_dataset": lambda path: read_datasets(path, open_dataset),
    "dask": lambda path: read_datasets(path, lambda *a, **k: open_dataset(*a, **k, chunks={})),
    "xr.open_datatree": lambda path: read_tree(path, xr.open_datatree),
    "xr.open_dataset": lambda path: read_datasets(path, xr.open_dataset),
    "decoded": lambda path: read_datasets(
        path, lambda *a, **k: xr.open_dataset(*a, **k, decode_times=True)
    ),
    "open_cube": lambda path: read_tree(path, open_cube),
    "content_hash": hashed,
    "publish": again,
    "to_netcdf": in_netcdf,
}


def refused(path: Path, ways) -> None:
    for name, way in ways.items():
        with pytest.raises(StoreError) as info:
            way(path)
        said = str(info.value)
        assert path.name in said, (name, said)
        # None is so long that its middle had to be cut out.
        assert len(said) < LONGEST, (name, said)
        assert said.isprintable(), (name, said)
    problems = verify(path)
    assert problems != []
    assert all(len(problem) <= 600 and problem.isprintable() for problem in problems)
    left = {file.name for file in path.parent.iterdir()} - {"cube.zarr.zip", "cube.json"}
    assert left == set()


@pytest.mark.parametrize("name", CASES)
def test_what_no_writer_says_is_refused_by_every_way_in(cube, name):
    craft(CASES[name], cube)
    refused(cube, {**WAYS, "unpack": lambda path: unpack(path, path.with_name("out.zarr"))})


@pytest.mark.parametrize("name", CHUNKS)
def test_what_no_chunk_holds_is_refused_by_every_way_that_reads_it(cube, name):
    craft(CHUNKS[name], cube)
    refused(cube, WAYS)


def test_there_are_as_many_as_were_tried():
    assert len(CASES) + len(CHUNKS) >= 59


def test_a_member_put_together_again_is_still_what_it_was(cube):
    """The tools of these tests change nothing by themselves."""
    write_members(cube, members_of(cube))
    with open_datatree(cube) as found:
        xr.testing.assert_identical(found.load(), tree())


@pytest.mark.parametrize(
    "name", ["200,000 brackets", "10¹⁸ members", "megabytes of metadata", "a chunk of 1.6 GB"]
)
def test_little_memory_is_asked_for(cube, name):
    craft(CASES[name], cube)
    assert peak(cube) < 32 * MIB


@pytest.mark.parametrize(
    "name", ["1.6 GB", "4 billion texts", "texts of 9 MB", "a block beyond all"]
)
def test_little_memory_is_asked_for_by_chunks(cube, name):
    craft(CHUNKS[name], cube)
    assert peak(cube) < 32 * MIB


def peak(path: Path) -> int:
    """Bytes that reading `path` holds at most."""
    tracemalloc.start()
    try:
        with pytest.raises(StoreError):
            read_tree(path, open_datatree)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.sampled_from([0, 1, 3, 4, 2**31, 2**63, "seed", "layer", "float32", "loss", "zarr.json"])
    | st.floats()
    | st.text(max_size=9)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(document, path=()):
    """Every place in a document."""
    yield path
    if isinstance(document, dict | list):
        items = document.items() if isinstance(document, dict) else enumerate(document)
        for key, value in items:
            yield from places(value, (*path, key))


@st.composite
def mutations(draw, documents):
    """(member, its content with one or two values replaced, added or removed)"""
    key = draw(st.sampled_from(sorted(documents)))
    document = json.loads(documents[key])
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(list(places(document))))
        if not path:
            if draw(st.booleans()):
                document[draw(st.sampled_from(["seed", "extra", "shape"]))] = draw(JSON)
            continue
        around = document
        for step in path[:-1]:
            around = around[step]
        if draw(st.booleans()):
            around[path[-1]] = draw(JSON)
        else:
            del around[path[-1]]
    return key, json.dumps(document).encode()


def test_any_change_of_metadata_is_refused_or_no_change(tmp_path, published):
    members = members_of(published)
    documents = {key: value for key, value in members.items() if key.endswith("zarr.json")}
    path = tmp_path / "cube.zarr.zip"
    expected = tree()

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutations(documents))
    def check(mutation):
        write_members(path, {**members, mutation[0]: mutation[1]})
        try:
            with open_datatree(path) as found:
                found.load()
        except StoreError as error:
            assert len(str(error)) < LONGEST
            return
        for node in expected.subtree:
            # Attributes are free, and dims are but names.
            assert set(found[node.path].dataset.variables) == set(node.dataset.variables)
            for name, variable in node.dataset.variables.items():
                assert found[node.path][name].dtype == variable.dtype
                assert (found[node.path][name].values == variable.values).all()

    check()
