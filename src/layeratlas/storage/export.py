"""Exports of published archives: a plain zarr directory, NetCDF.

Exports are copies for other tools. They are written aside and renamed, but they carry no manifest
and are not checked again: the archive stays the original.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.storage.atomic import store_errors, temporary_beside
from layeratlas.storage.blocks import STRING, dtype_name
from layeratlas.storage.canonical import canonical_json, plain
from layeratlas.storage.reading import open_datatree
from layeratlas.storage.ziparchive import ZipArchive
from layeratlas.temporaries import remove_left_over, temporary_name
from layeratlas.words import listed, quoted


def unpack(path: str | os.PathLike[str], directory: str | os.PathLike[str]) -> Path:
    """Unpack a published archive to a plain zarr directory; returns `directory`.

    `xr.open_datatree(directory, engine="zarr")` and `zarr.open_group(directory)` read it, with the
    same content hash. A zarr directory that stands there is replaced. StoreError when the archive
    is missing or damaged, when `directory` is something else, or when the disk refuses.
    """
    directory = Path(directory)
    archive = ZipArchive(path)
    try:
        with store_errors(directory), folder_beside(directory, marker="zarr.json") as folder:
            for key, content in archive.items():
                if key == "zarr.json":
                    content = _consolidated(archive)
                target = folder / key
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    file.write(content)
    finally:
        archive.close()
    return directory


def _consolidated(archive: ZipArchive) -> bytes:
    """The root's metadata with those of all nodes inside.

    A reader then opens one file instead of listing folders, so it meets neither a file that
    Snakemake leaves in directories it made nor the slow listing of a network disk.
    """
    root = json.loads(archive["zarr.json"])
    nodes = {
        key.removesuffix("/zarr.json"): json.loads(archive[key])
        for key in archive
        if key.endswith("/zarr.json")
    }
    inline = {"kind": "inline", "must_understand": False, "metadata": nodes}
    return canonical_json({**root, "consolidated_metadata": inline})


@contextmanager
def folder_beside(target: Path, marker: str) -> Iterator[Path]:
    """A fresh folder that becomes `target` when the block ends well.

    A folder that stands there is replaced if it is empty or holds `marker`; StoreError otherwise:
    nobody's own files are removed.
    """
    if target.exists() or target.is_symlink():
        ours = target.is_dir() and ((target / marker).is_file() or not any(target.iterdir()))
        if not ours or target.is_symlink():
            raise StoreError(
                f"{target} exists and is no earlier export: give another name, or remove it."
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_left_over(target)
    aside = temporary_name(target)
    aside.mkdir(mode=0o700)
    try:
        new, old = aside / "new", aside / "old"
        new.mkdir()
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def to_netcdf(path: str | os.PathLike[str], group: str, file: str | os.PathLike[str]) -> Path:
    """Write one group of a published archive as a NetCDF-4 file; returns `file`.

    The file stands alone: coordinates of the groups above are included. Values, dims, names, text
    and attributes survive; what NetCDF cannot hold is said otherwise: float16 as float32, bool as
    0 and 1 (xarray turns it back), attributes that are booleans, null, mixed or nested as JSON
    text. StoreError when the archive is missing or damaged, has no such group, or the disk refuses.
    """
    file = Path(file)
    with open_datatree(path) as tree:
        if group.strip("/") and group.strip("/") not in _groups(tree):
            known = listed(["/", *_groups(tree)])
            raise UnreadableError(path, f"has no group {quoted(group)}: there are {known}")
        node = tree[group.strip("/")] if group.strip("/") else tree
        dataset = _for_netcdf(node.to_dataset().load())
    encoding = {name: _encoding(variable) for name, variable in dataset.variables.items()}
    with store_errors(file), temporary_beside(file) as temporary:
        try:
            dataset.to_netcdf(temporary, format="NETCDF4", engine="netcdf4", encoding=encoding)
        except (AttributeError, OverflowError, RuntimeError, TypeError, ValueError) as error:
            # Names and attributes may be what NetCDF does not have: a space, a slash, "dtype".
            raise UnreadableError(
                path, f"holds in group {quoted(group)} what NetCDF cannot ({quoted(str(error))})"
            ) from error
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(file)
    return file


def _groups(tree: xr.DataTree) -> list[str]:
    return [node.path.strip("/") for node in tree.subtree if node.path != "/"]


def _for_netcdf(dataset: xr.Dataset) -> xr.Dataset:
    plain_variables = {}
    for name, variable in dataset.variables.items():
        values = variable.values
        if dtype_name(variable, str(name)) == STRING:
            values = np.asarray(values, dtype=object)
        elif values.dtype == np.float16:
            values = values.astype(np.float32)
        plain_variables[name] = (variable.dims, values, _attributes(variable.attrs))
    coordinates = {name: plain_variables.pop(name) for name in list(dataset.coords)}
    return xr.Dataset(plain_variables, coordinates, _attributes(dataset.attrs))


def _attributes(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _attribute(value, str(name)) for name, value in attributes.items()}


def _attribute(value: Any, name: str) -> Any:
    value = plain(value, f"attribute {name!r}")
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, list) and value:
        if all(isinstance(item, str) for item in value):
            return value
        if all(isinstance(i, int | float) and not isinstance(i, bool) for i in value):
            return value
    return json.dumps(value, ensure_ascii=False)


def _encoding(variable: xr.Variable) -> dict[str, Any]:
    # NaN is a value here; a _FillValue would be an attribute that the cube does not have.
    encoding: dict[str, Any] = {"_FillValue": None}
    if variable.ndim and variable.dtype.kind in "fiu":
        encoding |= {"zlib": True, "complevel": 4, "shuffle": True}
    return encoding
