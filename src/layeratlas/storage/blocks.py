"""Variables as a stream of C-ordered blocks: hashing and writing both read data this way.

A block splits only leading dimensions, `(1, …, 1, rows, *rest)`, so that the blocks one after the
other are the C-order bytes of the whole variable, and one pass serves hash and file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.errors import StoreError
from layeratlas.storage.names import name_problem, variable_problem
from layeratlas.words import quoted

LARGEST_CHUNK = 4 * 2**20
USUAL_CHUNK = 2 * 2**20
STRING = "string"
_STRING_BYTES = 32  # a guess: the length of variable-length text is unknown before reading it


def groups(data: xr.Dataset | xr.DataTree) -> Iterator[tuple[str, xr.Dataset]]:
    """Group paths ("/", "/layers", …) and their own variables, sorted by path."""
    if isinstance(data, xr.Dataset):
        yield "/", data
        return
    if not isinstance(data, xr.DataTree):
        raise StoreError(f"a Dataset or DataTree is needed, not a {type(data).__name__}.")
    found = {}
    for node in data.subtree:
        path = "/" + node.path[len(data.path) :].strip("/")
        # A subtree taken out of a larger tree keeps the coordinates it inherits from there.
        found[path] = node.to_dataset(inherit=node is data)
    for path in found:
        for name in path.split("/")[1:] if path != "/" else ():
            if problem := name_problem(name):
                raise StoreError(
                    f"group name {quoted(name)} cannot be stored, for it {problem}: use letters, "
                    "digits and underscores."
                )
    yield from sorted(found.items())


def variables(dataset: xr.Dataset, group: str) -> Iterator[tuple[str, xr.Variable]]:
    """The variables of one group, coordinates included, sorted by name; bad names are refused."""
    names: list[str] = []
    for name in dataset.variables:
        if problem := variable_problem(name):
            raise StoreError(
                f"variable name {quoted(name)} in group {quoted(group)} cannot be stored, for it "
                f"{problem}: use letters, digits and underscores."
            )
        names.append(str(name))
    for name in sorted(names):
        yield name, dataset.variables[name]


def join(group: str, name: str) -> str:
    """Path of a variable: `join("/layers", "loss") == "/layers/loss"`."""
    return f"{group.rstrip('/')}/{name}"


def dtype_name(variable: xr.Variable, path: str) -> str:
    """One name a kind of data whatever holds it: "float32", "int64", "bool", …, or "string"."""
    dtype: Any = variable.dtype
    if isinstance(dtype, np.dtype):
        if dtype.kind in "biuf" and dtype.itemsize <= 8:
            return dtype.newbyteorder("=").name
        if dtype.kind in "UTO":
            return STRING
    elif str(dtype).startswith(("str", "string")):
        return STRING
    raise StoreError(
        f"{path} has dtype {dtype}, which is not stored: use booleans, integers, floats or text "
        "(for times, numbers with units)."
    )


def chunk_shape(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """One chunk up to 4 MiB, else chunks of 1.3–4 MiB that split leading dimensions only."""
    if math.prod(shape) * itemsize <= LARGEST_CHUNK:
        return tuple(max(1, size) for size in shape)
    axis, row_bytes = next(
        (axis, row_bytes)
        for axis in range(len(shape))
        if (row_bytes := math.prod(shape[axis + 1 :]) * itemsize) <= LARGEST_CHUNK
    )
    rows = max(1, USUAL_CHUNK // row_bytes)
    return (1,) * axis + (min(rows, shape[axis]),) + shape[axis + 1 :]


def itemsize(dtype: str) -> int:
    """Bytes an element, for sizing chunks."""
    return _STRING_BYTES if dtype == STRING else np.dtype(dtype).itemsize


def blocks(
    variable: xr.Variable, path: str
) -> Iterator[tuple[tuple[slice, ...], np.ndarray[Any, Any]]]:
    """Regions and their values in C order, one `chunk_shape` at a time.

    Values are little-endian numbers with one bit pattern for NaN, or objects that are all str.
    Lazy data is read piece by piece; a dask array slab by slab along its first axis, so that no
    task runs twice.
    """
    dtype = dtype_name(variable, path)
    if variable.size == 0:
        return
    shape = chunk_shape(variable.shape, itemsize(dtype))
    counts = [math.ceil(size / step) for size, step in zip(variable.shape, shape, strict=True)]
    slab: np.ndarray[Any, Any] | None = None
    slab_start, slabs = 0, None
    for index in np.ndindex(*counts):
        region = tuple(
            slice(i * step, min((i + 1) * step, size))
            for i, step, size in zip(index, shape, variable.shape, strict=True)
        )
        if variable.chunks is None or not region:
            values = variable[region].values
        else:
            slabs = slabs or _slabs(variable, shape[0])
            if slab is None or region[0].start != slab_start:
                slab, slab_start = next(slabs), region[0].start
            values = slab[(slice(None), *region[1:])]
        yield region, _canonical(values, dtype, path)


def _slabs(variable: xr.Variable, rows: int) -> Iterator[np.ndarray[Any, Any]]:
    """Pieces of `rows` along the first axis, computing every dask block exactly once."""
    buffer: list[np.ndarray[Any, Any]] = []
    buffered = start = 0
    assert variable.chunks is not None
    for length in variable.chunks[0]:
        buffer.append(variable[start : start + length].values)
        start += length
        buffered += length
        if buffered >= rows or start == variable.shape[0]:
            joined = buffer[0] if len(buffer) == 1 else np.concatenate(buffer)
            taken = 0
            while buffered >= rows or (buffered and start == variable.shape[0]):
                yield joined[taken : taken + rows]
                taken, buffered = taken + rows, max(0, buffered - rows)
            buffer = [joined[taken:]] if buffered else []


def _canonical(values: Any, dtype: str, path: str) -> np.ndarray[Any, Any]:
    if dtype != STRING:
        shape = np.shape(values)  # ascontiguousarray makes a scalar one-dimensional
        values = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<")).reshape(shape)
        if values.dtype.kind == "f" and (missing := np.isnan(values)).any():
            values = np.where(missing, np.array(np.nan, values.dtype), values)
        return values
    values = np.asarray(values, dtype=object)
    for value in values.flat:
        if not isinstance(value, str):
            raise StoreError(
                f"{path} holds {value!r} among its text: use text everywhere, '' for missing."
            )
    return values
