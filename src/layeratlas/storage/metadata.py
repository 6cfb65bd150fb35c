"""Zarr v3 metadata of groups and arrays, written here and read by comparing with what is written.

So only the codecs, types, fill values and grids of the writer are read, nothing is left for zarr or
xarray to refuse, and every size is one that a machine can count with.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from layeratlas.bounded.documents import parse_json
from layeratlas.storage.blocks import LARGEST_CHUNK, STRING, itemsize
from layeratlas.storage.canonical import RESERVED_ATTRIBUTES, canonical_json
from layeratlas.storage.consolidated import KEY
from layeratlas.storage.names import name_problem
from layeratlas.words import quoted

DTYPES = frozenset(
    [STRING, "bool", *(f"float{n}" for n in (16, 32, 64))]
    + [f"{sign}int{n}" for sign in ("", "u") for n in (8, 16, 32, 64)]
)
_MOST_DIMS = 32
_LARGEST_ARRAY = 2**62  # bytes; numpy counts them in 64 bits


class MetadataError(ValueError):
    """A zarr.json is not one of ours; in words, why."""


@dataclass(frozen=True)
class Array:
    """One variable; `path` is "layers/loss", `dtype` as of `blocks.dtype_name`."""

    path: str
    dtype: str
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dims: tuple[str, ...]
    attributes: dict[str, Any]

    @property
    def counts(self) -> tuple[int, ...]:
        """Chunks along every dim."""
        return tuple(-(-n // step) for n, step in zip(self.shape, self.chunks, strict=True))

    @property
    def chunk_bytes(self) -> int:
        """Bytes of one chunk, decoded; of text a guess."""
        return math.prod(self.chunks) * itemsize(self.dtype)

    def chunk_key(self, index: tuple[int, ...]) -> str:
        """Member of a chunk: "layers/loss/c/0/1"; "layers/loss/c" of a scalar."""
        return "/".join([self.path, "c", *map(str, index)])

    def chunk_keys(self) -> Iterator[str]:
        """Members of all chunks, in C order."""
        return map(self.chunk_key, itertools.product(*map(range, self.counts)))


@dataclass(frozen=True)
class Group:
    """Attributes, names of the coordinates that no dim is named after, and arrays by name."""

    attributes: dict[str, Any]
    coordinates: tuple[str, ...] = ()
    arrays: dict[str, Array] = field(default_factory=dict)


def group_metadata(attributes: Mapping[str, Any], coordinates: list[str]) -> dict[str, Any]:
    """The zarr.json of a group; that `coordinates` is an attribute is xarray's convention."""
    named = {"coordinates": " ".join(coordinates)} if coordinates else {}
    return {"attributes": {**attributes, **named}, "node_type": "group", "zarr_format": 3}


def array_metadata(array: Array) -> dict[str, Any]:
    """The zarr.json of an array."""
    named = {"dimension_names": list(array.dims)} if array.dims else {}
    return {
        "attributes": array.attributes,
        "chunk_grid": {"configuration": {"chunk_shape": list(array.chunks)}, "name": "regular"},
        "chunk_key_encoding": {"configuration": {"separator": "/"}, "name": "default"},
        "codecs": [_serializer(array.dtype), *compressors(array.dtype)],
        "data_type": array.dtype,
        "fill_value": {"f": "NaN", "s": "", "b": False}.get(array.dtype[0], 0),
        "node_type": "array",
        "shape": list(array.shape),
        "storage_transformers": [],
        "zarr_format": 3,
        **named,
    }


def compressors(dtype: str) -> list[dict[str, Any]]:
    """What packs the bytes of a chunk, and the checksum behind them."""
    blosc = {
        "blocksize": 0,
        "clevel": 3,
        "cname": "zstd",
        "shuffle": "shuffle",
        "typesize": typesize(dtype),
    }
    return [{"configuration": blosc, "name": "blosc"}, {"name": "crc32c"}]


def typesize(dtype: str) -> int:
    """Bytes that blosc shuffles as one."""
    return 1 if dtype == STRING else itemsize(dtype)


def _serializer(dtype: str) -> dict[str, Any]:
    if dtype == STRING:
        return {"configuration": {}, "name": "vlen-utf8"}
    if itemsize(dtype) == 1:
        return {"name": "bytes"}
    return {"configuration": {"endian": "little"}, "name": "bytes"}


def read_node(node: str, content: bytes) -> Group | Array:
    """The group (still without arrays) or array at `node` whose zarr.json is `content`.

    MetadataError where it says what the writer never does; UnreadableError as of `parse_json`.
    """
    document = parse_json(content, "zarr.json")
    if not isinstance(document, dict) or not isinstance(document.get("attributes"), dict):
        raise MetadataError("is not Zarr v3 metadata with attributes")
    if document.get("node_type") == "group":
        if not node:
            # Compared with what it is of by `hierarchy`.
            document.pop(KEY, None)
        return _group(document)
    return _array(node, document, content)


def _group(document: dict[str, Any]) -> Group:
    attributes = dict(document["attributes"])
    named = attributes.pop("coordinates", None)
    names = named.split(" ") if isinstance(named, str) else []
    # Spelled as the writer spells them: each once, in order.
    _compare(document, group_metadata(attributes, sorted(set(names))))
    _check_attributes(attributes)
    return Group(attributes, tuple(names))


def _array(node: str, document: dict[str, Any], content: bytes) -> Array:
    dtype = document.get("data_type")
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise MetadataError(f"has data_type {quoted(dtype)}, which is not stored")
    grid = document.get("chunk_grid")
    grid = grid.get("configuration") if isinstance(grid, dict) else None
    steps = grid.get("chunk_shape") if isinstance(grid, dict) else None
    array = Array(
        node,
        dtype,
        _integers("shape", document.get("shape"), least=0),
        _integers("chunk_shape", steps, least=1),
        _dims(document.get("dimension_names", [])),
        document["attributes"],
    )
    _check_sizes(array)
    expected = array_metadata(array)
    if canonical_json(expected) != content:
        _compare(document, expected)
    _check_attributes(array.attributes)
    return array


def _integers(name: str, value: Any, least: int) -> tuple[int, ...]:
    if (
        not isinstance(value, list)
        or len(value) > _MOST_DIMS
        or any(type(n) is not int or not least <= n < 2**63 for n in value)
    ):
        raise MetadataError(
            f"has {name} {quoted(value)}: at most {_MOST_DIMS} whole numbers of 64 bits are right, "
            f"none below {least}"
        )
    return tuple(value)


def _dims(names: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or any(
        not isinstance(name, str) or name_problem(name) for name in names
    ):
        raise MetadataError(f"has dimension_names {quoted(names)}, not a list of names")
    return tuple(names)


def _check_sizes(array: Array) -> None:
    shape, chunks = array.shape, array.chunks
    if not len(shape) == len(chunks) == len(array.dims) == len(set(array.dims)):
        raise MetadataError(
            f"has shape {quoted(shape, 40)} and chunks {quoted(chunks, 40)} for the dims "
            f"{quoted(array.dims)}: one number each of different dims is right"
        )
    if math.prod(max(1, n) for n in shape) * itemsize(array.dtype) > _LARGEST_ARRAY:
        raise MetadataError(f"has shape {quoted(shape)}, which no machine holds")
    if any(step > max(1, n) for n, step in zip(shape, chunks, strict=True)):
        raise MetadataError(
            f"has chunks of {quoted(chunks)}, larger than its shape {quoted(shape)}"
        )
    # Of what is empty no chunk is written.
    if math.prod(shape) and array.chunk_bytes > LARGEST_CHUNK:
        raise MetadataError(
            f"has chunks of {array.chunk_bytes} bytes; none is written beyond {LARGEST_CHUNK}"
        )


def _compare(document: dict[str, Any], expected: dict[str, Any]) -> None:
    for name in sorted(document.keys() | expected.keys()):
        if name not in document:
            raise MetadataError(f"has no {name}")
        if name not in expected:
            raise MetadataError(f"has {quoted(name)}, which is never written")
        # As text: there, true is not 1.
        if canonical_json(document[name]) != canonical_json(expected[name]):
            raise MetadataError(
                f"has {name} {quoted(document[name])}; written is {quoted(expected[name])}"
            )


def _check_attributes(attributes: dict[str, Any]) -> None:
    for name in sorted(RESERVED_ATTRIBUTES & attributes.keys()):
        raise MetadataError(
            f"has the attribute {name}, by which readers would change its values: no file says it"
        )
