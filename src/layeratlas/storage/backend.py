"""The xarray backend for `.zarr.zip`: `xr.open_datatree("x.zarr.zip")` simply works.

Without this package installed, the same files open with

    xr.open_datatree(zarr.storage.ZipStore(path, mode="r"), engine="zarr", consolidated=False)
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import xarray as xr
from xarray.backends import BackendEntrypoint
from xarray.core.indexing import LazilyIndexedArray

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.storage.addresses import is_address, name_of
from layeratlas.storage.files import LocalFile
from layeratlas.storage.lazy import LazyArray
from layeratlas.storage.metadata import Array
from layeratlas.storage.names import METADATA
from layeratlas.storage.ziparchive import ZipArchive
from layeratlas.storage.zipdirectory import DirectoryError, read_directory
from layeratlas.words import listed, quoted


class ZarrZipBackend(BackendEntrypoint):
    """Lazy reading of published archives.

    Times are not decoded unless asked for: files hold plain numbers with units, and what comes out
    is what went in. Nothing is masked or scaled, for no file has the attributes that say so.
    xarray's zarr backend claims only `.zarr`, so no `engine=` is needed.
    """

    description = "Open published Layer Atlas archives (.zarr.zip)"
    supports_groups = True

    def guess_can_open(self, filename_or_obj: Any) -> bool:
        """Whether it is a path, or an address `https://…`, of a name that ends in `.zarr.zip`; or
        a zip here of another name (a browser's `a.zarr (1).zip`) that has what ours have."""
        if not isinstance(filename_or_obj, str | os.PathLike):
            return False
        name = name_of(filename_or_obj)
        return name.endswith(".zarr.zip") or (name.endswith(".zip") and _is_ours(filename_or_obj))

    def open_dataset(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        group: str | None = None,
        mask_and_scale: bool = False,
        decode_times: bool = False,
        decode_coords: bool = True,
    ) -> xr.Dataset:
        """One group as a Dataset. UnreadableError when the file or the group is not there."""
        with _opened(filename_or_obj) as archive:
            path = _known(archive, group)
            return _dataset(archive, path, drop_variables, decode_times, decode_coords)

    def open_groups_as_dict(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        group: str | None = None,
        mask_and_scale: bool = False,
        decode_times: bool = False,
        decode_coords: bool = True,
    ) -> dict[str, xr.Dataset]:
        """`group` ("/") and all groups below it, by path. They share one open file; closing one
        closes it."""
        with _opened(filename_or_obj) as archive:
            top = _known(archive, group).rstrip("/")
            return {
                path.removeprefix(top) or "/": _dataset(
                    archive, path, drop_variables, decode_times, decode_coords
                )
                for path in archive.groups
                if path == (top or "/") or path.startswith(f"{top}/")
            }

    def open_datatree(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        group: str | None = None,
        mask_and_scale: bool = False,
        decode_times: bool = False,
        decode_coords: bool = True,
    ) -> xr.DataTree:
        """All groups as a DataTree. UnreadableError when the file or the group is not there."""
        found = self.open_groups_as_dict(
            filename_or_obj,
            drop_variables=drop_variables,
            group=group,
            decode_times=decode_times,
            decode_coords=decode_coords,
        )
        root = found["/"]
        try:
            tree = xr.DataTree.from_dict(found)
        except ValueError as error:
            root.close()
            raise UnreadableError(
                filename_or_obj,
                f"has a group that disagrees with the one around it ({quoted(str(error))})",
            ) from error
        tree.set_close(root._close)
        return tree


def _is_ours(path: str | os.PathLike[str]) -> bool:
    if is_address(path):
        return False
    try:
        with closing(LocalFile(path)) as file:
            return METADATA in read_directory(file)
    except (DirectoryError, UnreadableError, OSError):
        return False


@contextmanager
def _opened(path: Any) -> Iterator[ZipArchive]:
    """The archive, closed when something fails; what xarray refuses is the file's fault."""
    archive = ZipArchive(path)
    try:
        yield archive
    except StoreError:
        archive.close()
        raise
    except Exception as error:
        archive.close()
        reason = f"holds what xarray has no data set for ({quoted(str(error))})"
        raise UnreadableError(path, reason) from error


def _known(archive: ZipArchive, group: str | None) -> str:
    path = "/" + (group or "").strip("/")
    if path not in archive.groups:
        raise UnreadableError(
            archive.path, f"has no group {quoted(path)}: there are {listed(archive.groups)}"
        )
    return path


def _dataset(
    archive: ZipArchive,
    path: str,
    drop_variables: str | Iterable[str] | None,
    decode_times: bool,
    decode_coords: bool,
) -> xr.Dataset:
    group = archive.groups[path]
    dropped = {drop_variables} if isinstance(drop_variables, str) else set(drop_variables or ())
    variables = {
        name: _variable(archive, array)
        for name, array in group.arrays.items()
        if name not in dropped
    }
    dataset = xr.Dataset(variables, attrs=group.attributes)
    if decode_coords:
        dataset = dataset.set_coords([name for name in group.coordinates if name in variables])
    if decode_times:
        dataset = xr.decode_cf(
            dataset, concat_characters=False, mask_and_scale=False, decode_coords=False
        )
    dataset.set_close(archive.close)
    return dataset


def _variable(archive: ZipArchive, array: Array) -> xr.Variable:
    data = LazilyIndexedArray(LazyArray(archive, array))
    # What `chunks={}` takes.
    preferred = dict(zip(array.dims, array.chunks, strict=True))
    return xr.Variable(array.dims, data, array.attributes, {"preferred_chunks": preferred})
