"""Zips of photographs, sound and damaged."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from made.official_files import check, message, pixels, ppm, zipped

from layeratlas.datasets import load_source


def test_gtsrb(stand_in):
    """Photographs that are already 32×32 come back exactly; others are rescaled."""
    photographs = [*pixels(3, 32, 32, 3), np.full((50, 41, 3), 77, dtype=np.uint8)]
    train = {
        "GTSRB/Training/00042/00000_00001.ppm": ppm(photographs[1]),
        "GTSRB/Training/00007/00000_00000.ppm": ppm(photographs[0]),
        "GTSRB/Training/00007/GT-00007.csv": b"Filename;ClassId\n",
    }
    test = {
        "GTSRB/Final_Test/Images/00001.ppm": ppm(photographs[3]),
        "GTSRB/Final_Test/Images/00000.ppm": ppm(photographs[2]),
    }
    table = (
        "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\r\n"
        "00001.ppm;41;50;5;5;36;45;3\r\n"
        "00000.ppm;32;32;5;5;27;27;16\r\n"
    )
    contents = {
        "train": zipped(train),
        "test": zipped(test),
        "test_labels": zipped({"GT-final_test.csv": table.encode()}),
    }
    data_dir = stand_in("gtsrb", contents, n_train=2, n_test=2)
    first = [image.transpose(2, 0, 1) for image in photographs[:3]]
    flat = np.full((3, 32, 32), 77)
    check(load_source("gtsrb", data_dir), first[:2], [7, 42], [first[2], flat], [16, 3])


def test_damaged_zip(stand_in):
    whole = zipped({"GTSRB/Training/00000/0.ppm": b"P6 not an image"})
    for content in (whole[:40], whole):
        said = message(
            "gtsrb", stand_in("gtsrb", {"train": content, "test": whole, "test_labels": whole})
        )
        assert "could not be read" in said and "GTSRB-Training_fixed.zip" in said


def test_photographs_of_a_city(stand_in):
    """A header that promises 10¹⁰ pixels, and a member that unpacks to more than any photograph."""
    vast = zipped({"GTSRB/Training/00000/0.ppm": b"P6 100000 100000 255\n"})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("GTSRB/Training/00000/0.ppm", bytes(1 << 26))
    for content in (vast, buffer.getvalue()):
        said = message(
            "gtsrb", stand_in("gtsrb", {"train": content, "test": vast, "test_labels": vast})
        )
        assert "could not be read" in said and "GTSRB-Training_fixed.zip" in said
