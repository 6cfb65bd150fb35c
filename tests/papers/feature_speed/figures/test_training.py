"""Figure of feature speed along training, read back from its artists."""

from __future__ import annotations

import numpy as np

from layeratlas import papers


def test_training_is_drawn_by_width_and_variant(speeds):
    figure = papers.draw("feature_speed_training", speeds())
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == [
        "frozen rates, width 64", "frozen rates, width 256", "scale-invariant rates, width 256",
    ]  # fmt: skip
    velocity = figure.axes[3]
    drawn = {line.get_gid(): line.get_ydata() for line in velocity.lines}
    np.testing.assert_allclose(drawn["ntk,16"], 0.5)
    np.testing.assert_allclose(drawn["resnet_fsc,4"], 1)
    np.testing.assert_array_equal(velocity.lines[0].get_xdata(), [1, 2, 6, 41])
    np.testing.assert_allclose(figure.axes[9].lines[0].get_ydata(), 1)  # L C
    note = next(t.get_text() for t in figure.texts if t.get_gid() == "note").replace("\n", " ")
    assert "n\u00a0=\u00a03\u00a0seeds" in note and "1e-14" in note and "Preset laptop" in note


def test_a_small_grid_is_drawn(speeds):
    small = speeds(("ntk", "fsc"), depths=(4,), widths=(32,), seeds=1)
    papers.draw("feature_speed_training", small).canvas.draw()


def test_lost_runs_are_told(speeds):
    cubes = speeds()
    status = cubes["feature_speed_training"]["status"]
    status[:] = np.where(np.arange(status.size).reshape(status.shape) < 2, 1, 0)
    note = next(
        text.get_text().replace("\n", " ")
        for text in papers.draw("feature_speed_training", cubes).texts
        if text.get_gid() == "note"
    )
    assert "Left out of means: feature_speed_training 2 of " in note
