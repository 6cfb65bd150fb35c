"""Odd data sets to store, and the content hash in its plainest words."""

from __future__ import annotations

import hashlib
import json
import struct

import hypothesis.strategies as st
import numpy as np
import xarray as xr
from hypothesis import assume
from hypothesis.extra import numpy as hnp

from layeratlas.storage.names import same_name

NAMES = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=6).filter(
    lambda name: name not in {"x", "y", "z"}
)


TEXT = st.text(max_size=8)


ATTRIBUTES = st.dictionaries(
    TEXT.map("a{}".format),
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.lists(st.integers(-(2**63), 2**63), max_size=3)
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
    assume(same_name(str(name) for name in dataset.variables) is None)
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
