"""Figures of convolutions have a panel each, and name a set that is missing."""

from __future__ import annotations

import numpy as np
import pytest
from made.image_cubes import convolution_cube, image_cubes

from layeratlas import papers
from layeratlas.papers.nfa.figures import convolutional
from layeratlas.papers.nfa.sets import CONVOLUTIONAL


def lines_of(figure) -> dict:
    return {line.get_gid(): line for axes in figure.axes for line in axes.lines}


@pytest.mark.parametrize("number, name", list(enumerate(CONVOLUTIONAL, start=12)))
def test_eight_panels_or_a_name(number, name):
    figure = papers.draw(f"nfa_fig{number}", {CONVOLUTIONAL[name]: convolution_cube()})
    y = lines_of(figure)[f"{name},8,c_nfc"].get_ydata()
    np.testing.assert_allclose(y, 0.95 - 0.08 + 0.004, rtol=1e-6)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == [f"convolution {at}" for at in range(1, 9)]
    missing = papers.draw(f"nfa_fig{number}", {})
    assert f"{name} is missing" in missing.axes[0].texts[0].get_text()


def test_they_stand_in_figure_2_too(assert_readable):
    cubes = image_cubes() | {
        "nfa_vgg_cifar10": convolution_cube(seeds=1),
        "nfa_cnn_digits": convolution_cube(),
    }
    figure = papers.draw("nfa_fig02", cubes)
    assert_readable(figure)
    found = lines_of(figure)
    assert "C,VGG-11, CIFAR-10,8,uc_nfc" in found
    assert "C,three convolutions, digits,8,uc_nfc" in found
    assert convolutional.rows_of(cubes["nfa_vgg_cifar10"]) == 2


def test_a_note_tells_rate_and_accuracy():
    told = convolutional.told(convolution_cube(seeds=1))
    assert told == "rate 1, test accuracy 80.0 %"
