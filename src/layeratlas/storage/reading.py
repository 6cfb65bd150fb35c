"""Opening published archives."""

from __future__ import annotations

import os
from typing import Any

import xarray as xr

from layeratlas.storage.backend import ZarrZipBackend


def open_dataset(
    path: str | os.PathLike[str], group: str | None = None, chunks: Any = None
) -> xr.Dataset:
    """One group of a published archive, lazy; with dask arrays when `chunks` is given.

    `chunks` is as in `xarray.open_dataset` (`{}` takes the chunks of the file). The dataset keeps
    showing the version it was opened on, also when a new one is published; close it, or use it in
    a `with` block, to free the file. StoreError when the file is missing, truncated, incomplete or
    foreign, when the group is not there, and on reading a damaged chunk.
    """
    return xr.open_dataset(path, engine=ZarrZipBackend, group=group, chunks=chunks)


def open_datatree(path: str | os.PathLike[str], chunks: Any = None) -> xr.DataTree:
    """All groups of a published archive, lazy; otherwise as `open_dataset`."""
    return xr.open_datatree(path, engine=ZarrZipBackend, chunks=chunks)
