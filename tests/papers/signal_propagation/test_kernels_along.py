"""Kernels along training: points of the grid, and when redrawn labels are memorised."""

from __future__ import annotations

import math

import numpy as np
import pytest
from made.aligned import STEPS
from made.convolutional import redrawn_cube

from layeratlas.papers.signal_propagation.kernels_along import label_entropy, noise_told, trainings


def test_points_come_with_clean_labels_first():
    clean, noisy = trainings(redrawn_cube())
    assert (clean.noise, noisy.noise) == (0.0, 0.5)
    assert noisy.subject == noise_told(0.5) == "50\u00a0% of the labels redrawn"
    assert clean.steps.tolist() == [v for k, v in STEPS.items() if not k.startswith("mark")]
    assert clean.layers("train").shape == (len(clean.steps), 10)
    assert noisy.network("network_kernel_spectrum").shape == (len(clean.steps), 60)


def test_labels_are_memorised_once_the_loss_is_below_their_entropy():
    clean, noisy = trainings(redrawn_cube())
    assert math.isnan(clean.memorised) and noisy.memorised == pytest.approx(26 * 20)
    assert math.isnan(trainings(redrawn_cube(memorises=False))[1].memorised)


def test_the_entropy_of_a_redrawn_label():
    assert label_entropy(0) == 0 and label_entropy(1) == pytest.approx(math.log(10))
    p = np.array([0.55, *[0.05] * 9])
    assert label_entropy(0.5) == pytest.approx(-(p * np.log(p)).sum())
