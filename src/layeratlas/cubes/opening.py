"""Opening a published cube."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import xarray as xr

from layeratlas.errors import StoreError


def open_cube(path: str | os.PathLike[str], chunks: Any = None) -> xr.DataTree:
    """A published cube, lazy: one group per set of dims, read straight from the file.

    With `chunks` as in `xarray.open_datatree` it has dask arrays; `{}` takes the file's chunks. It
    keeps showing the version it was opened on; use it in a `with` block, or close it, to free the
    file. StoreError when `path` is not named `….zarr.zip`, is missing or is damaged.
    """
    from layeratlas.storage import open_datatree

    path = Path(path)
    if not path.name.endswith(".zarr.zip"):
        raise StoreError(
            f"{path} is not a cube: give the published file, cubes/<experiment>.zarr.zip."
        )
    return open_datatree(path, chunks)
