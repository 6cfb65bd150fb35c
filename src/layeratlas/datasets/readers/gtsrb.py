"""German Traffic Sign Recognition Benchmark: zips of photographs."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import PurePosixPath

import numpy as np

from layeratlas.bounded.files import MIB
from layeratlas.datasets.readers import Arrays, Paths

GTSRB_SIZE = 32
_MOST_PHOTOGRAPHS = 50_000
_MOST_BYTES = 4 * MIB  # of one member; photographs have up to 250 × 250 pixels


def read_gtsrb_zip(paths: Paths) -> Arrays:
    """GTSRB: zips of PPM photographs of many sizes, each rescaled to 32×32 (see the registry).

    Training labels are the folder names (00000 … 00042); test labels come from the CSV of the
    ground-truth zip. Both parts are in the order of their file names.
    """
    with zipfile.ZipFile(paths["train"]) as archive:
        names = _ppm_names(archive)
        train_images = _photographs(archive, names)
        train_labels = [int(PurePosixPath(name).parent.name) for name in names]
    with zipfile.ZipFile(paths["test_labels"]) as archive:
        (table,) = [name for name in archive.namelist() if name.endswith(".csv")]
        rows = csv.DictReader(io.StringIO(_read(archive, table).decode()), delimiter=";")
        class_of = {row["Filename"]: int(row["ClassId"]) for row in rows}
    with zipfile.ZipFile(paths["test"]) as archive:
        names = _ppm_names(archive)
        test_images = _photographs(archive, names)
        test_labels = [class_of[PurePosixPath(name).name] for name in names]
    return {
        "train_images": train_images,
        "train_labels": np.array(train_labels, dtype=np.uint8),
        "test_images": test_images,
        "test_labels": np.array(test_labels, dtype=np.uint8),
    }


def _ppm_names(archive: zipfile.ZipFile) -> list[str]:
    names = sorted(name for name in archive.namelist() if name.endswith(".ppm"))
    if len(names) > _MOST_PHOTOGRAPHS:
        raise ValueError(f"it holds {len(names)} photographs")
    return names


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{name} has more than {_MOST_BYTES} bytes")
    return content


def _photographs(archive: zipfile.ZipFile, names: list[str]) -> np.ndarray:
    from PIL import Image

    images = np.empty((len(names), 3, GTSRB_SIZE, GTSRB_SIZE), dtype=np.uint8)
    for image, name in zip(images, names, strict=True):
        with Image.open(io.BytesIO(_read(archive, name))) as photograph:
            small = photograph.convert("RGB").resize(
                (GTSRB_SIZE, GTSRB_SIZE), Image.Resampling.BILINEAR
            )
        image[:] = np.asarray(small).transpose(2, 0, 1)
    return images
