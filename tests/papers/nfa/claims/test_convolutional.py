"""Claims on convolutions hold of what the paper shows, and fail of what it does not."""

from __future__ import annotations

import numpy as np
import pytest
from made.image_cubes import convolution_cube, image_cubes

from layeratlas import papers
from layeratlas.papers.nfa.sets import CONVOLUTIONAL

ALL = list(enumerate(CONVOLUTIONAL, start=12))


def verdicts(number, cubes):
    return {c.id: c.verdict for c in papers.check(f"nfa_fig{number}", cubes)}


@pytest.mark.parametrize("number, name", ALL)
def test_they_hold_fail_or_name_what_is_missing(number, name):
    assert set(verdicts(number, {CONVOLUTIONAL[name]: convolution_cube()}).values()) == {"holds"}
    low = convolution_cube(c_nfc=lambda e, k, s: np.nan if e == 0 else 0.2 + 0.7 * (k == 1))
    assert verdicts(number, {CONVOLUTIONAL[name]: low}) == {
        "convolutions": "fails", "convolutions_turned": "fails"
    }  # fmt: skip
    lost = convolution_cube(status=1)
    assert set(verdicts(number, {CONVOLUTIONAL[name]: lost}).values()) == {"fails"}
    short = convolution_cube(epochs=(0, 1))
    assert set(verdicts(number, {CONVOLUTIONAL[name]: short}).values()) == {"not applicable"}
    assert verdicts(number, {}) == {"convolutions": "not applicable"}


def test_the_first_convolution_is_left_out():
    """Alone it would decide."""
    odd = convolution_cube(uc_nfc=lambda e, k, s: 9.0 if k == 1 else 0.1)
    assert verdicts(12, {"nfa_vgg_cifar10": odd})["convolutions"] == "holds"


def test_they_stand_in_figure_2_too():
    cubes = image_cubes() | {"nfa_cnn_digits": convolution_cube()}
    found = {(c.subject, c.id): c.verdict for c in papers.check("nfa_fig02", cubes)}
    assert found["three convolutions, digits", "convolutions"] == "holds"
