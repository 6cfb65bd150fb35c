"""The figure of alignment along training draws what the cube holds."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import STEPS, dynamics_cube

from layeratlas.figures import style
from layeratlas.papers.signal_propagation import moments
from layeratlas.papers.signal_propagation.figures.dynamics import alignment_dynamics


def drawn(**changes):
    cube = dynamics_cube(**changes)
    return cube, alignment_dynamics({"alignment_dynamics": cube}, {})


def test_every_layer_view_and_rate_is_a_line_through_its_values():
    cube, figure = drawn(seeds=2)
    records = moments.logged(cube)
    lines = {line.get_gid(): line for axes in figure.axes for line in axes.lines}
    for view in ("train", "test"):
        values = moments.history(cube, "alignment", view, records).mean("seed")
        for rate in (3e-3, 1e-2):
            for layer in (1, 6, 10):
                line = lines[f"{view},{rate:g},layer={layer}"]
                expected = values.sel(learning_rate=rate, layer=layer)
                assert line.get_ydata() == pytest.approx(expected.values)
                assert line.get_xdata().tolist() == [STEPS[name] for name in records]
    accuracy = lines["accuracy,test"].get_ydata()
    assert accuracy[0] == 0 and accuracy[-1] > 80 and (np.diff(accuracy) > 0).all()


def test_the_mark_is_drawn_of_runs_that_came():
    _, figure = drawn(reached=lambda record, learning_rate, **at: record != "mark_0.1"
                      or learning_rate > 5e-3)  # fmt: skip
    marks = [line for axes in figure.axes for line in axes.lines if line.get_gid() == "mark"]
    assert len(marks) == 3 and {line.get_xdata()[0] for line in marks} == {700}
    (note,) = (text for text in figure.texts if text.get_gid() == style.NOTE)
    told = " ".join(note.get_text().split())
    assert "No run at learning rate 3e-3 came to a running loss of 0.1." in told
    assert "default" in told and "scripts" in told
