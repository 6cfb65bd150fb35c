"""The figure of what changes an alignment."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import dynamics_cube, tiny_cube

from layeratlas.figures import style
from layeratlas.papers.signal_propagation import dynamics, mechanism, moments
from layeratlas.papers.signal_propagation.figures.mechanism import alignment_mechanism


@pytest.fixture(scope="module")
def figure():
    return alignment_mechanism(
        {"alignment_dynamics": dynamics_cube(), "alignment_tiny_step": tiny_cube()}, {}
    )


def lines(axes):
    return {line.get_gid(): line for line in axes.lines}


def test_residual_and_terms(figure):
    a, b, c = figure.axes[:3]
    assert lines(a)["train,0.003"].get_ydata()[0] == pytest.approx(-0.95)
    assert lines(b)["alignment_growth,layer=5"].get_ydata()[1:] == pytest.approx(0.2)
    assert lines(c)["norm_growth,layer=8"].get_ydata()[1:] == pytest.approx(0.1)


def test_both_changes_are_set_against_each_other(figure):
    cube = dynamics_cube()
    records = moments.logged(cube)
    found = lines(figure.axes[3])["layer=4"]
    here = {"learning_rate": 3e-3, "layer": 4}
    observed = dynamics.logarithmic_change(cube, "train", records).sel(here).values.ravel()
    predicted = dynamics.predicted_change(cube, "train", records).sel(here).values.ravel()
    assert found.get_xdata() == pytest.approx(observed, nan_ok=True)
    assert found.get_ydata() == pytest.approx(predicted, nan_ok=True)


def test_the_small_step_is_on_the_diagonal(figure):
    axes = figure.axes[4]
    assert axes.get_xlabel().endswith("($10^{-6}$)")
    one = lines(axes)["layer=10"]
    assert one.get_xdata() == pytest.approx(one.get_ydata(), rel=1e-3)
    assert one.get_xdata() == pytest.approx([2, 2], rel=1e-3)


def test_errors_by_size_of_step_and_their_limit(figure):
    axes = figure.axes[5]
    errors = np.concatenate([np.ravel(line.get_ydata()) for line in axes.lines[:-1]])
    expected = mechanism.relative_errors(mechanism.tiny_steps(tiny_cube())).values
    assert np.nanmax(errors) == pytest.approx(np.nanmax(expected))
    assert axes.lines[-1].get_ydata()[0] == mechanism.FIRST_ORDER
    (note,) = (text for text in figure.texts if text.get_gid() == style.NOTE)
    assert "derived here" in " ".join(note.get_text().split())


def test_a_residual_that_was_not_measured_is_told_in_its_panel():
    cube = dynamics_cube()
    del cube["network"]
    found = alignment_mechanism(
        {"alignment_dynamics": cube, "alignment_tiny_step": tiny_cube()}, {}
    )
    assert [text.get_text() for text in found.axes[0].texts] == ["not measured"]
    assert not found.axes[0].lines
