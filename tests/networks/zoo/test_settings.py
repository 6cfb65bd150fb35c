"""Settings of the zoo's networks: what they give, and how wrong ones are refused."""

from __future__ import annotations

import pytest

from layeratlas.errors import ConfigError
from layeratlas.networks.zoo.settings import image_shape, one_of, widened


def test_a_width_multiplies_every_count():
    assert widened(0.125, (64, 128, 512)) == [8, 16, 64]
    assert widened(2, (32, 120)) == [64, 240]
    assert widened(1 / 64, (64, 128)) == [1, 2]


@pytest.mark.parametrize("width", [0, -1, 0.13, 1 / 128, 17, True, "0.5", None, float("nan"), [1]])
def test_a_width_that_gives_no_whole_channels_is_refused(width):
    with pytest.raises(ConfigError, match=r"settings\.width: .* a multiple of 1/64 up to 16"):
        widened(width, (64, 128))


def test_one_of_what_is_known():
    assert one_of("depth", 11.0, (11, 19)) == 11
    assert one_of("batch_norm", False, (True, False)) is False
    for name, value, known in (
        ("depth", 12, (11, 19)),
        ("depth", [11], (11, 19)),
        ("batch_norm", 1, (True, False)),
        ("depth", True, (1, 2)),
    ):
        with pytest.raises(ConfigError, match=rf"model\.settings\.{name}: .* is none; known: "):
            one_of(name, value, known)


def test_other_data_than_images_are_refused():
    assert image_shape([3, 8, 9], "VGG", 8) == (3, 8, 9)
    for shape in ((64,), (8, 8), (1, 7, 8), (1, 8, 7)):
        with pytest.raises(ConfigError, match=r"VGG reads images .* at least 8×8 pixels; the data"):
            image_shape(shape, "VGG", 8)
