"""Images of the user's own: a folder with a subfolder for each class."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from layeratlas.datasets.own_files import digest, digest_of_all, opened, shown
from layeratlas.words import listed

_SUFFIXES = {".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
_MOST_IMAGES = 2_000_000
_LARGEST_SIDE = 10_000
_OF_ONE_CHANNEL = {"1", "L", "LA"}

Listing = list[tuple[str, list[Path]]]


def classes_in(folder: Path) -> Listing:
    """(class, its images) by name: a class is a subfolder; hidden ones and others' files are passed
    over.

    ValueError, a sentence, where there is no such folder, a class has no image, or fewer than two
    have one.
    """
    try:
        inner = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        found = [(p.name, _images(p)) for p in inner]
    except OSError as error:
        raise ValueError(f"{shown(folder)} cannot be read: {error.strerror}") from None
    if empty := [name for name, images in found if not images]:
        raise ValueError(
            f"{shown(folder)}: no image in {listed(empty, 60)}; a subfolder is a class and holds "
            f"its images ({listed(sorted(s[1:] for s in _SUFFIXES), 60)})"
        )
    if len(found) < 2:
        raise ValueError(
            f"{shown(folder)} has {len(found)} subfolders; expected one for each class, at least 2"
        )
    if (n := sum(len(images) for _, images in found)) > _MOST_IMAGES:
        raise ValueError(f"{shown(folder)} has {n} images; at most {_MOST_IMAGES} are read")
    return found


def _images(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.iterdir()
        if file.suffix.lower() in _SUFFIXES and not file.name.startswith(".") and file.is_file()
    )


def look_through(listing: Listing) -> dict[str, Any]:
    """Checksum of names and bytes, sizes and channels of all images, as plain JSON.

    ValueError, a sentence, for a file that is no image.
    """
    sums, sizes, channels = [], set(), 1
    for name, images in listing:
        for file in images:
            with _image(file) as image:
                sizes.add((image.height, image.width))
                channels = max(channels, 1 if image.mode in _OF_ONE_CHANNEL else 3)
            sums.append((f"{name}/{file.name}", digest(file)))
    return {
        "checksum": digest_of_all(sums),
        "sizes": [list(size) for size in sorted(sizes)[:2]],
        "channels": channels,
    }


def decoded(file: Path, channels: int):
    """Pixels, uint8 (channel, row, column)."""
    import numpy as np

    with _image(file) as image:
        try:
            pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
        except Exception as error:  # whatever a decoder makes of a file, the file is named
            raise ValueError(f"{shown(file)} is no whole image: {error}") from None
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _image(file: Path):
    """An image whose header is read."""
    from PIL import Image

    stream = opened(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = Image.open(stream)
    except Exception as error:
        stream.close()
        raise ValueError(f"{shown(file)} is no image: {type(error).__name__}") from None
    # By itself PIL closes only what it opened.
    image._exclusive_fp = True
    if max(image.size) > _LARGEST_SIDE:
        image.close()
        raise ValueError(
            f"{shown(file)} has {image.height} × {image.width} pixels; at most {_LARGEST_SIDE} a "
            "side are read"
        )
    return image
