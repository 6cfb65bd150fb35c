"""A folder of images: what is found, and what is refused before any job."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from layeratlas.datasets.recipe import recipe_of


def image(path, shape=(6, 4), seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(256, size=shape, dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


@pytest.fixture
def cats_and_dogs(own):
    for i in range(4):
        image(own / "pets" / "cat" / f"{i}.png", seed=i)
        image(own / "pets" / "dog" / f"{i}.png", seed=10 + i)
    return own


def recipe(**more):
    return recipe_of({"source": "folder", "path": "pets", "n_train": 5} | more)


def test_classes_are_subfolders(cats_and_dogs):
    (cats_and_dogs / "pets" / "notes.txt").write_text("no image")
    (cats_and_dogs / "pets" / ".hidden").mkdir()
    found = recipe()
    assert found.content["classes"] == ["cat", "dog"] and found.n_outputs == 2
    assert (found.input_shape, found.n_test_samples, found.target_kind) == ((1, 6, 4), 3, "classes")
    assert recipe(size=8).input_shape == (1, 8, 8)


def test_colour_in_one_image_is_colour_in_all(cats_and_dogs):
    image(cats_and_dogs / "pets" / "cat" / "9.png", (6, 4, 3))
    assert recipe().input_shape == (3, 6, 4)
    assert recipe(grayscale=True).input_shape == (1, 6, 4)


def test_other_bytes_and_other_names_are_another_data_set(cats_and_dogs):
    before = recipe().key
    image(cats_and_dogs / "pets" / "cat" / "0.png", seed=77)
    changed = recipe().key
    (cats_and_dogs / "pets" / "cat" / "0.png").rename(cats_and_dogs / "pets" / "cat" / "a.png")
    assert len({before, changed, recipe().key}) == 3


def test_a_test_folder(cats_and_dogs):
    for name in ("cat", "dog"):
        image(cats_and_dogs / "more" / name / "x.png")
    assert recipe(test_path="more", n_train=8).n_test_samples == 2


def spoil(own, what):
    pets = own / "pets"
    if what == "empty class":
        (pets / "emu").mkdir()
    elif what == "no image":
        (pets / "dog" / "0.png").write_bytes(b"not an image")
    elif what == "sizes":
        image(pets / "dog" / "9.png", (8, 8))
    elif what == "one class":
        (pets / "dog").rename(own / "elsewhere")
    elif what == "pipe":
        (pets / "dog" / "0.png").unlink()
        os.mkfifo(pets / "dog" / "0.png")


@pytest.mark.parametrize(
    ("what", "more", "said"),
    [
        ("empty class", {}, "pets: no image in emu; a subfolder is a class and holds its images"),
        ("no image", {}, "dog/0.png is no image: UnidentifiedImageError"),
        ("sizes", {}, "images of 6 × 4 and of 8 × 8 pixels; give the size to which all"),
        ("one class", {}, "pets has 1 subfolders; expected one for each class, at least 2"),
        ("", {"path": "nowhere"}, "nowhere cannot be read: No such file or directory"),
        ("", {"n_train": 9}, "n_train = 9 is more than pets has: 8 images in all"),
        ("", {"test_path": "pets/cat"}, "pets/cat has 0 subfolders"),
        ("", {"n_train": 8}, "leaves nothing to test on: pets has 8 images"),
    ],
)
def test_what_is_refused(cats_and_dogs, refused, what, more, said):
    spoil(cats_and_dogs, what)
    assert said in refused(**{"source": "folder", "path": "pets", "n_train": 5} | more)


def test_other_classes_to_test_on(cats_and_dogs, refused):
    for name in ("cat", "emu"):
        image(cats_and_dogs / "more" / name / "x.png")
    said = refused(source="folder", path="pets", n_train=5, test_path="more")
    assert "'dog' is in one of them only" in said


def test_a_pipe_among_the_images_is_passed_over(cats_and_dogs):
    spoil(cats_and_dogs, "pipe")
    assert recipe().content["n"] == 7
