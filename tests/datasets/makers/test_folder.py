"""Images of a folder, as numpy and PIL read them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from layeratlas.datasets import prepare, preprocess, sample_permutation
from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import DatasetError


@pytest.fixture
def pixels(own):
    rng = np.random.default_rng(0)
    every = []
    for name in ("a", "b"):
        (own / "pets" / name).mkdir(parents=True)
        for i in range(5):
            every.append(rng.integers(256, size=(6, 6, 3), dtype=np.uint8))
            Image.fromarray(every[-1]).save(own / "pets" / name / f"{i}.png")
    return np.stack(every).transpose(0, 3, 1, 2)


def test_images_and_classes(pixels):
    settings = {"source": "folder", "path": "pets", "n_train": 6, "size": 4, "grayscale": True}
    made = prepare(recipe_of(settings))
    order = sample_permutation(10, 1)
    wanted = preprocess(pixels[order], size=4, grayscale=True)
    np.testing.assert_array_equal(made.train_inputs, wanted[:6])
    np.testing.assert_array_equal(made.test_inputs, wanted[6:])
    np.testing.assert_array_equal(made.train_targets, order[:6] // 5)
    np.testing.assert_array_equal(made.test_targets, order[6:] // 5)
    assert made.attrs["classes"] == "a, b" and made.attrs["n_outputs"] == 2


def test_half_an_image_is_named(own, pixels):
    path = own / "pets" / "b" / "3.png"
    path.write_bytes(path.read_bytes()[:80])
    with pytest.raises(DatasetError, match=r"b/3\.png is no whole image"):
        prepare(recipe_of({"source": "folder", "path": "pets", "n_train": 9}))
