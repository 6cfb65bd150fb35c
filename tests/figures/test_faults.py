"""What a referee would send back is found, and nothing else."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from layeratlas.figures import palette, style
from layeratlas.figures.faults import faults


def sound(width: float = style.COLUMN):
    """A figure without a fault: its axes, to spoil."""
    with style.context():
        figure = style.new_figure(width, 2.4)
        axes = figure.subplots()
        axes.plot([0, 1, 2, 3], [0.2, 0.4, 0.5, 0.7], marker="o", label="a line")
        axes.set(xlabel="depth", ylabel="angle", xlim=(-0.3, 3.3), ylim=(0, 1), title="a panel")
    return axes


def overlap(axes):
    axes.text(1.5, 0.1, "one word upon", bbox={"fc": "w"})
    axes.text(1.6, 0.1, "another word", bbox={"fc": "w"})


def off_page(axes):
    axes.text(3.2, 0.1, "words that lead far off the page")
    axes.figure.set_layout_engine("none")


def tiny(axes):
    axes.text(0.0, 0.9, "small print", fontsize=5)


def cut_marks(axes):
    axes.set_xlim(0, 3)


def outside(axes):
    axes.set_ylim(0, 0.6)


def covered(axes):
    axes.text(1, 0.42, "in the way of it all")


def under_a_legend(axes):
    axes.legend(loc="upper right", bbox_to_anchor=(1, 0.8))


def faint(axes):
    axes.plot([0, 3], [0.1, 0.1], color="#f5d5d5")


def faint_points(axes):
    axes.scatter([1, 2], [0.1, 0.1], color="#f5d5d5")


def unnamed(axes):
    axes.set_xlabel("")


def few_ticks(axes):
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(1))
    axes.set_ylim(0.15, 0.95)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (overlap, "'one word upon' and 'another word' overlap"),
        (off_page, "'words that lead far off the page' leaves the page at a side"),
        (tiny, "'small print' has 5 pt, less than 6"),
        (cut_marks, "a line in panel 'a panel': 2 of 4 marks are cut by the frame"),
        (outside, "a line in panel 'a panel': 1 of 4 points lie outside the frame"),
        (covered, "'in the way of it all' lies over a line"),
        (under_a_legend, "the legend lies over a line"),
        (faint, "is too faint on white"),
        (faint_points, "is too faint on white"),
        (unnamed, "panel 'a panel': the x axis has ticks and no label"),
        (few_ticks, "panel 'a panel': the y axis has"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fault_is_found_and_alone(spoil, told):
    axes = sound()
    assert faults(axes.figure) == []
    with style.context():
        spoil(axes)
    (found,) = faults(axes.figure)
    assert told in found


def test_guides_and_lines_of_other_scales_may_leave_the_frame():
    axes = sound()
    with style.context():
        axes.plot([-5, 9], [0.5, 0.9], color="0.3", gid="guide")
        axes.axhline(0.9)
        axes.axvspan(0, 1, color="0.95")
    assert faults(axes.figure) == []


def test_a_mark_on_the_frame_that_is_not_clipped_is_whole():
    axes = sound()
    axes.set_xlim(0, 3)
    assert faults(axes.figure)
    axes.lines[0].set_clip_on(False)
    assert faults(axes.figure) == []


def test_hollow_marks_are_seen_by_their_rim():
    axes = sound()
    cloud = axes.scatter([1, 2], [0.1, 0.1], color="white", edgecolors=palette.BLUE)
    assert faults(axes.figure) == []
    cloud.set_linewidth(0)
    assert faults(axes.figure)


def test_what_is_not_seen_is_no_fault():
    axes = sound()
    axes.plot([0, 3], [0.1, 2.0], color="#f5d5d5", visible=False)
    axes.text(0, 0.9, "unseen", fontsize=2, visible=False)
    assert faults(axes.figure) == []


def test_panels_of_one_grid_share_their_labels():
    with style.context():
        figure = style.new_figure(style.PAGE, 3)
        grid = figure.subplots(2, 2, sharex=True, sharey=True)
        for axes in grid.flat:
            axes.plot(np.linspace(0, 1, 20), np.linspace(0.1, 0.9, 20), color=palette.BLUE)
        for axes in grid[-1]:
            axes.set_xlabel("depth")
        grid[0, 0].set_ylabel("angle")
    (told,) = faults(figure)
    assert told.endswith("the y axis has ticks and no label")
    grid[1, 0].set_ylabel("angle")
    assert faults(figure) == []
