"""The figure of several widths."""

from __future__ import annotations

import pytest
from made.aligned import width_cube

from layeratlas.figures import style
from layeratlas.papers.signal_propagation import width
from layeratlas.papers.signal_propagation.figures.width_effect import width_effect


def test_profiles_heights_and_layers():
    cube = width_cube()
    figure = width_effect({"alignment_width": cube}, {})
    a, b, c = figure.axes
    lines = {line.get_gid(): line for axes in (a, b) for line in axes.lines}
    trained = width.profiles_by_width(cube, "train", "mark_0.1")
    for one in (64, 128, 256):
        assert lines[f"width={one}"].get_ydata() == pytest.approx(
            trained.sel(width=one).mean("seed").values
        )
    assert lines["height"].get_ydata() == pytest.approx(width.heights(cube).values)
    assert [t.get_text() for t in b.get_xticklabels()] == ["64", "128", "256"]
    means = [container.lines[0].get_ydata() for container in c.containers]
    assert means[0] == pytest.approx(width.peak_layers(cube).mean("seed").values)
    assert means[1] == pytest.approx(width.equilibrium_layers(cube).mean("seed").values)
    (note,) = (text for text in figure.texts if text.get_gid() == style.NOTE)
    told = " ".join(note.get_text().split())
    assert "From width to width the height rises, rises: reported, nothing is claimed" in told
    assert "3 at 64, 3 at 128, 3 at 256" in told
