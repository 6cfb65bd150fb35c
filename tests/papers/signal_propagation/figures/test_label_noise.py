"""The figure of runs on noisy labels."""

from __future__ import annotations

import pytest
from made.aligned import noise_cube

from layeratlas.figures import style
from layeratlas.papers.signal_propagation import label_noise as runs
from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.figures.label_noise import label_noise


def parts(**changes):
    cube = noise_cube(**changes)
    figure = label_noise({"alignment_label_noise": cube}, {})
    lines = {line.get_gid(): line for axes in figure.axes for line in axes.lines}
    (note,) = (text for text in figure.texts if text.get_gid() == style.NOTE)
    return cube, lines, " ".join(note.get_text().split())


@pytest.mark.parametrize(("slow", "mark", "told"), [
    (("mark_0.1",), "mark_1", "at running loss below 1, the lowest"),
    ((), "mark_0.1", "at running loss below 0.1, the lowest"),
])  # fmt: skip
def test_profiles_are_compared_at_equal_loss(slow, mark, told):
    cube, lines, note = parts(slow=slow)
    for view in ("train", "test"):
        values = runs.subset(cube, "alignment", view, mark).mean("seed")
        for level in (0, 0.2, 0.5, 1):
            line = lines[f"profile,{view},{level:g}"]
            assert line.get_ydata() == pytest.approx(values.sel(label_noise=level).values)
    assert lines["height,train"].get_xdata().tolist() == [0, 20, 50, 100]
    assert lines["height,train"].get_ydata() == pytest.approx(
        runs.peaks(cube, "train", mark).values
    )
    assert told in note


def test_lines_along_training_are_those_of_every_layer():
    cube, lines, _ = parts()
    records = moments.logged(cube)
    values = moments.history(cube, "alignment", "train", records).mean("seed")
    line = lines["0.5,layer=6"]
    assert line.get_ydata() == pytest.approx(values.sel(label_noise=0.5, layer=6).values)


def test_without_a_common_loss_the_end_is_shown_and_told():
    cube, lines, note = parts(slow=("mark_0.1", "mark_1"))
    end = runs.subset(cube, "alignment", "train", "final").mean("seed")
    assert lines["profile,train,1"].get_ydata() == pytest.approx(end.sel(label_noise=1).values)
    assert "at the end of training, for no training loss is common to all levels" in note
