"""The small deterministic file beside an archive: what figures depend on."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from layeratlas.errors import StoreError
from layeratlas.storage.blocks import dtype_name, groups, join, variables
from layeratlas.storage.hashing import ContentHash

SUFFIX = ".zarr.zip"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Manifest:
    """What a published file holds. Nothing volatile: same content, same manifest.

    `dims` is {group: {dim: size}}, `variables` is {path: {"dtype", "dims", "shape"}}.
    """

    file: str
    size: int
    digest: str
    content_hash: str
    leaves: dict[str, str]
    dims: dict[str, dict[str, int]]
    variables: dict[str, dict[str, Any]]
    format_version: int = FORMAT_VERSION

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)


def describe(
    data: xr.Dataset | xr.DataTree, *, file: str, size: int, digest: str, content: ContentHash
) -> Manifest:
    """The manifest of `data` stored in `file`."""
    dims, found = {}, {}
    for group, dataset in groups(data):
        dims[group] = {str(dim): int(length) for dim, length in sorted(dataset.sizes.items())}
        for name, variable in variables(dataset, group):
            path = join(group, name)
            found[path] = {
                "dtype": dtype_name(variable, path),
                "dims": [str(dim) for dim in variable.dims],
                "shape": list(variable.shape),
            }
    return Manifest(file, size, digest, content.root, content.leaves, dims, found)


def manifest_path(path: str | os.PathLike[str]) -> Path:
    """`cubes/a.zarr.zip` → `cubes/a.json`. StoreError for another suffix."""
    path = Path(path)
    if not path.name.endswith(SUFFIX) or path.name == SUFFIX:
        raise StoreError(f"{path} is not named like a stored file: the name must end in {SUFFIX}.")
    return path.with_name(path.name.removesuffix(SUFFIX) + ".json")


def read_manifest(path: str | os.PathLike[str]) -> Manifest:
    """Read a manifest, named itself (`a.json`) or by its archive (`a.zarr.zip`).

    StoreError when it is missing, not a manifest, or of a version this package does not know.
    """
    path = Path(path)
    if path.name.endswith(SUFFIX):
        path = manifest_path(path)
    try:
        content = json.loads(path.read_bytes())
        version = content["format_version"]
        if version != FORMAT_VERSION:
            raise StoreError(f"{path} has format version {version}; known is {FORMAT_VERSION}.")
        return Manifest(**content)
    except OSError as error:
        raise StoreError(f"could not read manifest {path}: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is not a manifest of a stored file: publish it again.") from error
