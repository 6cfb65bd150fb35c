"""The small deterministic file beside an archive: what figures depend on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import xarray as xr

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.files import MIB
from layeratlas.bounded.seals import SEAL, check_seal, sealed
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.storage.blocks import dtype_name, groups, join, variables
from layeratlas.storage.canonical import readable_json
from layeratlas.storage.hashing import ContentHash
from layeratlas.storage.metadata import DTYPES
from layeratlas.storage.names import name_problem
from layeratlas.words import listed, quoted

SUFFIX = ".zarr.zip"
FORMAT_VERSION = 1
MOST_BYTES = 8 * MIB
_HEX = re.compile(r"[0-9a-f]{64}")


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

    def to_json(self) -> bytes:
        """The file, with its seal."""
        return readable_json(sealed(self.to_dict()))


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

    UnreadableError when it is missing, no manifest, of a version this package does not know, or
    changed since it was written: its seal and the root over its leaves are computed anew, and what
    it says twice must agree. Manifests of earlier versions have no seal.
    """
    path = Path(path)
    if path.name.endswith(SUFFIX):
        path = manifest_path(path)
    document = read_json(path, MOST_BYTES)
    if not isinstance(document, dict) or "format_version" not in document:
        raise UnreadableError(path, "is not a manifest of a stored file: publish that again")
    if (version := document["format_version"]) != FORMAT_VERSION or type(version) is not int:
        raise UnreadableError(
            path, f"has format version {quoted(version)}; known is {FORMAT_VERSION}"
        )
    check_seal(document, path)
    _check_fields(document, path)
    document.pop(SEAL, None)
    manifest = Manifest(**document)
    if problem := _disagreement(manifest):
        raise UnreadableError(path, f"was changed after it was written: {problem}")
    return manifest


def _check_fields(document: dict[str, Any], path: Path) -> None:
    known = [field.name for field in fields(Manifest)]
    if missing := [name for name in known if name not in document]:
        raise UnreadableError(path, f"is not a manifest of a stored file: it has no {missing[0]}")
    if unknown := sorted(document.keys() - {*known, SEAL}):
        raise UnreadableError(
            path, f"has the key {quoted(unknown[0])}; a manifest has {listed(known)}"
        )
    for name, (is_right, right) in _FIELDS.items():
        if not is_right(document[name]):
            raise UnreadableError(path, f"has {name} {quoted(document[name])}; {right} is right")


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def _is_variable(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"dtype", "dims", "shape"}
        and isinstance(value["dtype"], str)
        and value["dtype"] in DTYPES
        and isinstance(value["dims"], list)
        and all(isinstance(name, str) for name in value["dims"])
        and isinstance(value["shape"], list)
        and all(map(_is_size, value["shape"]))
        and len(value["dims"]) == len(value["shape"])
    )


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and name_problem(value) is None and value.endswith(SUFFIX)


def _each(is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Whether a value is a JSON object all of whose values are right."""
    return lambda value: isinstance(value, dict) and all(map(is_right, value.values()))


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "file": (_is_file, f"the name of a file that ends in {SUFFIX}"),
    "size": (_is_size, "a number of bytes"),
    "digest": (_is_hash, "64 hexadecimal digits"),
    "content_hash": (_is_hash, "64 hexadecimal digits"),
    "leaves": (_each(_is_hash), "64 hexadecimal digits a leaf"),
    "dims": (_each(_each(_is_size)), "a size a dim of each group"),
    "variables": (_each(_is_variable), "dtype, dims and shape of each variable"),
}


def _disagreement(manifest: Manifest) -> str | None:
    """What in a manifest contradicts the rest of it."""
    if ContentHash.of(manifest.leaves).root != manifest.content_hash:
        return "its content_hash is not that of its leaves"
    named = {join(group, "") for group in manifest.dims} | manifest.variables.keys()
    if odd := sorted(named ^ manifest.leaves.keys()):
        return f"leaves, dims and variables do not agree about {quoted(odd[0])}"
    sizes: dict[str, dict[str, int]] = {group: {} for group in manifest.dims}
    for path, variable in manifest.variables.items():
        group = path.rpartition("/")[0] or "/"
        for dim, size in zip(variable["dims"], variable["shape"], strict=True):
            if sizes.get(group, {}).setdefault(dim, size) != size:
                return f"{quoted(path)} has another size along {quoted(dim)} than its group"
    if sizes != manifest.dims:
        return "its dims are not those of its variables"
    return None
