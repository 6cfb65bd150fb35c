"""The table of peaks holds the numbers of its networks."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas import papers


def test_a_row_a_network(made_cubes):
    table = papers.tabulate("peak_table", made_cubes())
    assert [len(group) for group in table.groups] == [4, 4, 4, 1, 1]
    row = table.groups[1][2]
    assert row[:6] == ["MLP, MNIST", "20", "0.300", "12.9", "8.1", "8.1 ± 0.0"]
    assert row[-1] == "present" and float(row[6]) == pytest.approx(9, abs=1)
    for text in (table.to_markdown(), table.to_latex()):
        assert "12.9" in text


def test_what_did_not_come_to_the_mark_is_starred(made_cubes):
    labels = ("init", "mark_0.1", "final")
    reached = np.ones((4, 3, 3))
    reached[3, :, 1] = 0
    reached[2, :, 1:] = 0
    cubes = made_cubes(alignment_mnist={"labels": labels, "reached": reached})
    rows = papers.tabulate("peak_table", cubes).groups[1]
    assert [row[0] for row in rows] == ["MLP, MNIST"] * 3 + ["MLP, MNIST*"]
    assert rows[2][-1] == "no run" and rows[2][6] == "–" and rows[3][-1] == "present"


def test_cells_hold_their_text(made_cubes):
    figure = papers.draw("peak_table", made_cubes())
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    (drawn,) = figure.axes[0].tables
    for cell in drawn.get_celld().values():
        text, box = cell.get_text().get_window_extent(renderer), cell.get_window_extent(renderer)
        assert text.x1 <= box.x1 + 1, cell.get_text().get_text()
