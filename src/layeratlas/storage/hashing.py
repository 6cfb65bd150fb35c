"""The content hash (what the numbers are) and the file digest (what the bytes are).

A leaf is the sha256 of canonical JSON followed by data:

    variable  /group/name   [name, dtype, shape, dims, attributes] + values
    group     /group/       [attributes, names of coordinates]

Values are C-order, little-endian; every NaN has one bit pattern, −0.0 keeps its sign; text is
UTF-8 behind its length in 8 bytes. The root is the sha256 of the canonical JSON {leaf: hash}.
Nothing in it depends on layout, codec, chunks or library versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.bounded.files import file_digest as file_digest
from layeratlas.errors import StoreError
from layeratlas.storage.blocks import STRING, blocks, dtype_name, groups, join, variables
from layeratlas.storage.canonical import canonical_json, plain_attributes, text


@dataclass(frozen=True)
class ContentHash:
    """`root` identifies the whole, `leaves` say which variables differ between two versions."""

    root: str
    leaves: dict[str, str]

    @classmethod
    def of(cls, leaves: dict[str, str]) -> ContentHash:
        """The root over `leaves`."""
        leaves = dict(sorted(leaves.items()))
        return cls(hashlib.sha256(canonical_json(leaves)).hexdigest(), leaves)


def content_hash(data: xr.Dataset | xr.DataTree) -> ContentHash:
    """Hash of the decoded content of `data`; a Dataset equals a DataTree with only a root.

    Lazy variables are read block by block (`blocks`), so memory stays bounded. StoreError for
    data that could not be stored: dtypes other than bool, int, float and text, NaN in attributes.
    """
    return ContentHash.of(dict(leaf_hashes(data)))


def leaf_hashes(data: xr.Dataset | xr.DataTree) -> Iterator[tuple[str, str]]:
    """Leaves one at a time, in the order of groups and names."""
    for group, dataset in groups(data):
        yield join(group, ""), group_leaf(group, dataset)
        for name, variable in variables(dataset, group):
            leaf = VariableLeaf(group, name, variable)
            for _, values in blocks(variable, leaf.path):
                leaf.update(values)
            yield leaf.path, leaf.hexdigest()


def group_leaf(group: str, dataset: xr.Dataset) -> str:
    """Leaf of a group: its attributes, and which of its variables are coordinates."""
    attributes = plain_attributes(dataset.attrs, f"group {group!r}")
    header = [attributes, sorted(str(name) for name in dataset.coords)]
    return hashlib.sha256(canonical_json(header)).hexdigest()


class VariableLeaf:
    """The leaf of one variable, fed with its values in C order."""

    def __init__(self, group: str, name: str, variable: xr.Variable):
        self.path = join(group, name)
        self.dtype = dtype_name(variable, self.path)
        self.attributes = plain_attributes(variable.attrs, self.path)
        dims = [text(str(dim), f"dimension of {self.path}") for dim in variable.dims]
        header = [name, self.dtype, list(variable.shape), dims, self.attributes]
        self._sha256 = hashlib.sha256(canonical_json(header))

    def update(self, values: np.ndarray[Any, Any]) -> None:
        """Add the next of `blocks`."""
        if self.dtype == STRING:
            for value in values.flat:
                try:
                    encoded = value.encode()
                except UnicodeEncodeError:
                    raise StoreError(f"{self.path} holds text that is not Unicode.") from None
                self._sha256.update(len(encoded).to_bytes(8, "little") + encoded)
            return
        self._sha256.update(np.ascontiguousarray(values).view(np.uint8).data)

    def hexdigest(self) -> str:
        """The leaf of what was added so far."""
        return self._sha256.hexdigest()
