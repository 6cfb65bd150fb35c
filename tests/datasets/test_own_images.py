"""Images of one's own: listing, channels, sizes, and files that are none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from layeratlas.datasets.own_images import classes_in, decoded, look_through

PIXELS = np.random.default_rng(0).integers(256, size=(5, 3, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        Image.fromarray(PIXELS).save(tmp_path / name / "2.png")
        Image.fromarray(PIXELS[..., 0]).save(tmp_path / name / "1.bmp")
    (tmp_path / "a" / "notes.md").write_text("none")
    return tmp_path


def test_classes_and_images_are_in_order(folder):
    listed = [(name, [file.name for file in files]) for name, files in classes_in(folder)]
    assert listed == [("a", ["1.bmp", "2.png"]), ("b", ["1.bmp", "2.png"])]


def test_pixels(folder):
    np.testing.assert_array_equal(decoded(folder / "a" / "2.png", 3), PIXELS.transpose(2, 0, 1))
    np.testing.assert_array_equal(decoded(folder / "a" / "1.bmp", 1), PIXELS[None, ..., 0])
    assert decoded(folder / "a" / "1.bmp", 3).shape == (3, 5, 3)


def test_what_is_found(folder):
    found = look_through(classes_in(folder))
    assert (found["sizes"], found["channels"]) == ([[5, 3]], 3)
    for name in ("a", "b"):
        (folder / name / "2.png").unlink()
    assert look_through(classes_in(folder))["channels"] == 1


@pytest.mark.parametrize("keep", [0, 30, 60])
def test_half_an_image_is_named(folder, keep):
    path = folder / "a" / "2.png"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"a/2.png is no (whole )?image"):
        decoded(path, 3)


def test_an_image_that_unpacks_to_gigabytes_is_refused(folder):
    Image.new("1", (10_001, 1)).save(folder / "a" / "wide.png")
    with pytest.raises(ValueError, match=r"wide\.png has 1 × 10001 pixels"):
        look_through(classes_in(folder))
