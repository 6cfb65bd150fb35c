"""The xarray backend for `.zarr.zip`: `xr.open_datatree("x.zarr.zip")` simply works.

Without this package installed, the same files open with

    xr.open_datatree(zarr.storage.ZipStore(path, mode="r"), engine="zarr", consolidated=False)
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xarray as xr
from xarray.backends import BackendEntrypoint, ZarrBackendEntrypoint

from layeratlas.errors import StoreError


class ZarrZipBackend(BackendEntrypoint):
    """Lazy reading of published archives.

    Times, masks and scales are not decoded unless asked for: files hold plain numbers with units,
    and what comes out is what went in. xarray's zarr backend claims only `.zarr`, so no `engine=`
    is needed.
    """

    description = "Open published Layer Atlas archives (.zarr.zip)"
    supports_groups = True

    def guess_can_open(self, filename_or_obj: Any) -> bool:
        """Whether the name ends in `.zarr.zip`."""
        return isinstance(filename_or_obj, str | os.PathLike) and os.fspath(
            filename_or_obj
        ).endswith(".zarr.zip")

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
        """One group as a Dataset. StoreError when the file or the group is not there."""
        store, group = _open(filename_or_obj, group)
        dataset = ZarrBackendEntrypoint().open_dataset(
            store,
            group=group,
            **_options(drop_variables, mask_and_scale, decode_times, decode_coords),
        )
        dataset.set_close(store.close)
        return dataset

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
        """All groups below `group`, by path. They share one open file; closing one closes it."""
        store, group = _open(filename_or_obj, group)
        found = ZarrBackendEntrypoint().open_groups_as_dict(
            store,
            group=None if group == "/" else group,
            **_options(drop_variables, mask_and_scale, decode_times, decode_coords),
        )
        for dataset in found.values():
            dataset.set_close(store.close)
        return dict(sorted(found.items()))

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
        """All groups as a DataTree. StoreError when the file or the group is not there."""
        found = self.open_groups_as_dict(
            filename_or_obj,
            drop_variables=drop_variables,
            group=group,
            mask_and_scale=mask_and_scale,
            decode_times=decode_times,
            decode_coords=decode_coords,
        )
        tree = xr.DataTree.from_dict(found)
        closers = [dataset._close for dataset in found.values()]
        tree.set_close(closers[0])
        return tree


def _open(path: Any, group: str | None) -> tuple[Any, str]:
    from layeratlas.storage.zipstore import ZipReader  # imports zarr: only when a file is opened

    store = ZipReader(Path(path))
    group = "/" + (group or "").strip("/")
    if group not in store.archive.groups:
        store.close()
        known = ", ".join(map(repr, store.archive.groups))
        raise StoreError(f"{path} has no group {group!r}: there are {known}.")
    return store, group


def _options(
    drop_variables: Any, mask_and_scale: bool, decode_times: bool, decode_coords: bool
) -> dict[str, Any]:
    return {
        "drop_variables": drop_variables,
        "mask_and_scale": mask_and_scale,
        "decode_times": decode_times,
        "decode_timedelta": decode_times,
        "decode_coords": decode_coords,
        "concat_characters": False,
        "consolidated": False,
        "zarr_format": 3,
    }
