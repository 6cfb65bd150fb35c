"""The figure over learning rates and batch sizes."""

from __future__ import annotations

import pytest
from made.aligned import rates_cube

from layeratlas.figures import style
from layeratlas.papers.signal_propagation import generalising
from layeratlas.papers.signal_propagation.figures.generalising import lr_batch_generalisation


def drawn(**cubes):
    return lr_batch_generalisation(cubes, {})


def test_maps_tell_their_numbers_rates_rightward_and_batches_downward():
    cube = rates_cube()
    figure = drawn(alignment_lr_batch=cube)
    found = generalising.cells(cube)
    texts = {text.get_gid(): text for axes in figure.axes for text in axes.texts}
    for name in ("height", "test_error", "test_loss", "loss_gap"):
        for row in range(2):
            for column in range(3):
                value = float(found[name].values[row, column])
                text = texts[f"{name}:{row},{column}"]
                assert text.get_text() == {
                    "height": f"{value:.3f}".lstrip("0"),
                    "test_error": f"{100 * value:.1f}",
                }.get(name, f"{value:.2f}")
                assert text.get_position() == (column, row)
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["1e-3", "3e-3", "1e-2"]
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["32", "128"]


def test_the_scatter_has_every_cell_that_came_and_its_correlation():
    cube = rates_cube(reached=lambda learning_rate, batch_size, **at: (batch_size, learning_rate)
                      != (128, 1e-2))  # fmt: skip
    figure = drawn(alignment_lr_batch=cube)
    scatter = figure.axes[4]
    shown = {line.get_gid(): line for line in scatter.lines}
    found = generalising.cells(cube)
    point = shown["cell:32,0.003"]
    assert point.get_xdata()[0] == pytest.approx(float(found["height"].values[0, 1]))
    assert point.get_ydata()[0] == pytest.approx(100 * float(found["test_error"].values[0, 1]))
    assert scatter.get_title() == "Spearman −1.00, 5 cells"
    missing = [p for p in figure.axes[0].patches if str(p.get_gid()).startswith("missing")]
    assert [p.get_gid() for p in missing] == ["missing:1,2"]


def test_a_row_a_task_and_what_was_not_run_is_told():
    two = drawn(alignment_lr_batch=rates_cube(), alignment_lr_batch_vgg=rates_cube())
    assert len(two.axes) == 10
    (note,) = (text for text in two.texts if text.get_gid() == style.NOTE)
    told = " ".join(note.get_text().split())
    assert "Not run at this preset: perceptron, CIFAR-10; VGG19, CIFAR-100; ResNet18" in told


def test_points_have_bars_where_a_cell_has_seeds_that_differ():
    cube = rates_cube(apart=0.02)
    found = generalising.cells(cube)
    # Two seeds that are 0.02 apart.
    assert found["height_sd"].values == pytest.approx(0.02 / 2**0.5, rel=1e-4)
    figure = drawn(alignment_lr_batch=cube)
    first = figure.axes[4].containers[0]
    across, up = (bars.get_segments()[0] for bars in first.lines[2])
    assert across[1, 0] - across[0, 0] == pytest.approx(2 * 0.02 / 2**0.5, rel=1e-4)
    assert up[1, 1] - up[0, 1] == pytest.approx(2 * 2 / 2**0.5, rel=1e-4)
    assert "of the cell that differs most 0.014 and 1.4\u00a0%" in style.noted(figure)
