"""Runs on noisy labels at equal training loss."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import noise_cube

from layeratlas.papers.signal_propagation import label_noise


@pytest.mark.parametrize(
    ("label", "level"),
    [("mark_0.1", 0.1), ("mark_1", 1.0), ("init", None), ("my_mark_1", None), ("mark_x", None)],
)
def test_marks_tell_their_loss(label, level):
    assert label_noise.mark_level(label) == level


def test_the_lowest_loss_that_all_levels_came_to_is_compared_at():
    assert label_noise.common_mark(noise_cube(slow=())) == "mark_0.1"
    assert label_noise.common_mark(noise_cube()) == "mark_1"
    assert label_noise.common_mark(noise_cube(slow=("mark_0.1", "mark_1"))) is None


def test_peaks_are_of_mean_profiles_by_noise():
    found = label_noise.peaks(noise_cube(slow=()), "train", "mark_0.1")
    assert found["label_noise"].values.tolist() == [0, 0.2, 0.5, 1]
    assert (np.diff(found.values) < 0).all()
    # A level no run of which came is no number, whatever `otherwise` left there.
    late = label_noise.peaks(noise_cube(), "train", "mark_0.1")
    assert np.isnan(late.values[-1]) and np.isfinite(late.values[:-1]).all()
