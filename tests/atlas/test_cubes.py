"""What a browser reads of a zip of zarr is what was written, whatever its type and size."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import zarr
from made.pages import packed, small_atlas
from zarr.codecs import BloscCodec, Crc32cCodec

pytestmark = pytest.mark.browser

TYPES = ("bool", "int8", "uint8", "int16", "int32", "int64", "float32", "float64", "str")
#: Nothing but one value, less than a stream of blosc compresses, and several of its blocks.
SIZES = [*itertools.product(TYPES, (1, 5, 129)), ("float64", 40_000), ("str", 10_000)]
SHUFFLES = ("shuffle", "noshuffle")
READ = """async text => {
    const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0));
    const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const store = zarrita.ZipFileStore.fromBlob(await new Response(unzipped).blob());
    const top = zarrita.root(store);
    const found = {};
    for (const name of NAMES) {
        const node = await zarrita.open(top.resolve(name), { kind: "array" });
        found[name] = await zarrita.get(node).then(
            ({ data }) => Array.from(data, String), error => String(error.cause ?? error),
        );
    }
    return found;
}"""


def values(dtype: str, size: int, spread: int) -> np.ndarray:
    """Numbers that repeat, for `spread` 3, or hardly do, which compression leaves as they are."""
    drawn = np.random.default_rng(size).integers(0, spread, size)
    if dtype == "str":
        return np.array([f"layer {k} · αβ" for k in drawn], dtype=object)
    if dtype.startswith("float"):
        return (drawn / 7).astype(dtype)
    if dtype == "bool":
        return drawn % 2 == 0
    return drawn.astype(dtype)


def written(path: Path, arrays: dict[str, tuple[np.ndarray, BloscCodec]]) -> Path:
    with zarr.storage.ZipStore(path, mode="w") as store:
        group = zarr.create_group(store)
        for name, (array, blosc) in arrays.items():
            group.create_array(
                name, shape=array.shape, chunks=array.shape, compressors=[blosc, Crc32cCodec()],
                dtype="str" if array.dtype == object else array.dtype,
            )[:] = array  # fmt: skip
    return path


def read(page, path: Path, names: list[str]) -> dict[str, list[str] | str]:
    return page.evaluate(READ.replace("NAMES", str(names)), packed(path.read_bytes()))


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    path = folder / "index.html"
    path.write_text(small_atlas(folder).page(), encoding="utf-8")
    return path


def shown(array: np.ndarray) -> list[float] | list[str]:
    return [str(x).lower() if array.dtype == bool else x for x in array.tolist()]


def test_every_type_is_read_under_the_policy(opened, page_file, tmp_path):
    arrays = {
        f"{dtype}_{size}_{shuffle}_{spread}": (
            values(dtype, size, spread),
            BloscCodec(cname="zstd", clevel=3, shuffle=shuffle),
        )
        for (dtype, size), shuffle, spread in itertools.product(SIZES, SHUFFLES, (3, 2**53))
    }
    watched = opened(page_file)
    found = read(watched.page, written(tmp_path / "arrays.zip", arrays), list(arrays))
    for name, (array, _) in arrays.items():
        got = found[name]
        is_text = array.dtype in (bool, object)
        assert (got if is_text else [float(x) for x in got]) == shown(array), name
    assert watched.requests == [] and watched.errors == []


@pytest.mark.parametrize(("cname", "shuffle"), [("lz4", "shuffle"), ("zstd", "bitshuffle")])
def test_a_kind_of_blosc_that_no_cube_has_is_refused(cname, shuffle, opened, page_file, tmp_path):
    arrays = {"x": (values("float64", 5_000, 3), BloscCodec(cname=cname, shuffle=shuffle))}
    page = opened(page_file).page
    found = read(page, written(tmp_path / "arrays.zip", arrays), ["x"])
    assert "this kind of blosc is not in the page" in found["x"]
