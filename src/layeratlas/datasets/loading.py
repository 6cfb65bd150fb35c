"""Raw images and labels of a source, as its authors made them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from layeratlas.datasets.fetch import are_here, locate_files
from layeratlas.datasets.folders import brief
from layeratlas.datasets.heads import heads_of
from layeratlas.datasets.readers import Arrays, Reader
from layeratlas.datasets.registry import get_source
from layeratlas.datasets.source import Source
from layeratlas.errors import DatasetError
from layeratlas.tables import resolve
from layeratlas.words import listed, shortened


@dataclass(frozen=True)
class RawData:
    """Images and labels as distributed: uint8 pixels, labels from 0, official order.

    Where there is no official split, the `train_` arrays are the whole pool and the `test_` ones
    are None.
    """

    source: Source
    train_images: UInt8[np.ndarray, "train_sample channel row column"]
    train_labels: Int[np.ndarray, " train_sample"]
    test_images: UInt8[np.ndarray, "test_sample channel row column"] | None = None
    test_labels: Int[np.ndarray, " test_sample"] | None = None

    @property
    def has_official_test(self) -> bool:
        return self.test_images is not None

    def sha256(self) -> dict[str, str]:
        """Array name → sha256 of its C-order bytes as uint8, images channels first."""
        return {
            name: _sha256(array)
            for name in ("train_images", "train_labels", "test_images", "test_labels")
            if (array := getattr(self, name)) is not None
        }


def load_source(
    name: str,
    data_dir: Path | str | None = None,
    cache_dir: Path | str | None = None,
    download: bool = True,
    progress: bool = True,
) -> RawData:
    """Load the data set `name` from a local folder, the cache, or the network.

    Parameters
    ----------
    name
        A name of `layeratlas.datasets.SOURCES`.
    data_dir
        Folder with official files, as `<data_dir>/<folder>/<file>`, `<data_dir>/<file>`, or as
        torchvision keeps them (`layeratlas.datasets.folders`).
    cache_dir
        Where downloads are kept; default: the user's cache folder.
    download
        Whether files that are nowhere may be downloaded.
    progress
        Whether a download shows a bar (in a terminal only).

    Raises
    ------
    DatasetError
        Unknown name; missing or wrong file; unreadable content. The message names the file, where
        it was looked for, and what to do.
    """
    source = get_source(name)
    if source.part_of and not are_here(source, data_dir, cache_dir):
        try:
            whole = load_source(source.part_of, data_dir, cache_dir, download, progress)
        except DatasetError as error:
            raise DatasetError(f"{name}, made of {error}") from None
        arrays = heads_of(source, {n: array for n, array in vars(whole).items() if "_" in n})
        _check_arrays(source, arrays, f"the first of each class of {source.part_of}")
        return _raw(source, arrays)
    paths = locate_files(source, data_dir, cache_dir, download, progress)
    place = _place(list(paths.values())) or f"the package {source.package}"
    try:
        # By name: a data set does not repeat when the reader of another one changes.
        reader: Reader = resolve(source.reader)
        arrays = reader(paths)
        _check_arrays(source, arrays, place)
    except DatasetError:
        raise
    # Decoders of five formats are at work: whatever they make of a file, the file is named.
    except Exception as error:
        raise DatasetError(
            f"{source.name}: {place} could not be read "
            f"({type(error).__name__}: {shortened(str(error), 100)}). {_remedy(source)}"
        ) from None
    return _raw(source, arrays)


def _raw(source: Source, arrays: Arrays) -> RawData:
    return RawData(
        source=source,
        **{
            name: _channels_first(source, array) if "images" in name else array.astype(np.int64)
            for name, array in arrays.items()
        },
    )


def _check_arrays(source: Source, arrays: dict[str, np.ndarray], place: str) -> None:
    """The arrays are what the registry promises: counts, shapes, label range, checksums."""
    channel, row, column = source.shape
    shape = (row, column, channel) if source.channels_last else source.shape
    for part, count in (("train", source.n_train), ("test", source.n_test)):
        if count is None:
            continue
        images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"]
        if images.shape != (count, *shape) or labels.shape != (count,):
            raise DatasetError(
                f"{source.name}: {place} gives {part} images {images.shape} and labels "
                f"{labels.shape}, expected {(count, *shape)} and {(count,)}. {_remedy(source)}"
            )
        if images.dtype != np.uint8 or labels.min() < 0 or labels.max() >= source.n_classes:
            raise DatasetError(
                f"{source.name}: {place} gives {part} images of type {images.dtype} and labels "
                f"from {labels.min()} to {labels.max()}, expected uint8 and 0 to "
                f"{source.n_classes - 1}. {_remedy(source)}"
            )
    for name, expected in source.array_sha256.items():
        if (actual := _sha256(arrays[name])) != expected:
            raise DatasetError(
                f"{source.name}: the decoded array {name} of {place} has a sha256 that begins "
                f"{actual[:12]}, it should begin {expected[:12]}. {_remedy(source)}"
            )


def _place(paths: list[Path]) -> str:
    names = listed((path.name for path in paths), 60)
    return f"{names} in {brief(paths[0].parent)}" if paths else ""


def _remedy(source: Source) -> str:
    if source.package:
        return f"Reinstall {source.package}."
    return "Replace the file by the official one."


def _channels_first(source: Source, images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 3, 1, 2) if source.channels_last else images


def _sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array, dtype=np.uint8).data).hexdigest()
