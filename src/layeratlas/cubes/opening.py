"""Opening a published cube."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import xarray as xr

from layeratlas.errors import StoreError


def open_cube(path: str | os.PathLike[str], chunks: Any = None) -> xr.DataTree:
    """A published cube, lazy: one group per set of dims, read straight from the file.

    `path` may be an address `https://…`: the end of the file is asked for, with all metadata and
    coordinates, then chunks when they are computed with, by range requests. The server must send
    parts of files, as most do (static pages, object stores, Zenodo).

    With `chunks` as in `xarray.open_datatree` it has dask arrays; `{}` takes the file's chunks. It
    keeps showing the version it was opened on; use it in a `with` block, or close it, to free the
    file. StoreError when `path` is not named `….zarr.zip`, is missing or is damaged, and when a
    file elsewhere is replaced while it is open.
    """
    from layeratlas.storage import open_datatree
    from layeratlas.storage.addresses import is_address, scheme_of

    if is_address(path):
        return open_datatree(path, chunks)
    if scheme := scheme_of(path):
        raise StoreError(
            f"{path} cannot be opened: give the path of a file, or an address of http or https, "
            f"not of {scheme}."
        )
    path = Path(path)
    if not path.name.endswith(".zarr.zip"):
        raise StoreError(
            f"{path} is not a cube: give the published file, cubes/<experiment>.zarr.zip; a copy "
            'under another name opens with xarray.open_datatree(path, engine="layeratlas").'
        )
    return open_datatree(path, chunks)
