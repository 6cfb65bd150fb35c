"""The diagram of springs, alone and beside networks, read back from its artists."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import check_readable, labels, line, note
from matplotlib.collections import PathCollection
from matplotlib.image import AxesImage

from layeratlas.figures import style
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.beside_springs import ALIKE


def test_noise_grows_to_the_left_and_friction_upward(draw):
    axes = draw("spring_phase_diagram").axes[0]
    assert labels(axes.xaxis) == ["0.50", "0.30", "0.20", "0.15", "0.10", "0.06", "0.03", "0"]
    assert labels(axes.yaxis) == ["0.10", "0.08", "0.06", "0.04", "0.02", "0"]
    x = [axes.transData.transform((i, 0))[0] for i in range(8)]
    y = [axes.transData.transform((0, j))[1] for j in range(6)]
    assert x == sorted(x)
    assert y == sorted(y, reverse=True)


def test_each_cell_shows_its_curve_on_the_colour_of_its_index(draw, simulated):
    axes = draw("spring_phase_diagram").axes[0]
    cube = simulated.cube("spring_phase_diagram")
    curves = load_curves.load_curve(cube, variable="spring_separation")
    (image,) = axes.get_images()
    for i, noise in enumerate((0.5, 0.3, 0.2, 0.15, 0.1, 0.06, 0.03, 0.0)):
        for j, friction in enumerate((0.1, 0.08, 0.06, 0.04, 0.02, 0.0)):
            here = curves.sel(noise_strength=noise, friction_right=friction)
            gid = f"curve:noise_strength={labels(axes.xaxis)[i]},"
            x, y = line(axes, f"{gid}friction_right={labels(axes.yaxis)[j]}").get_xydata().T
            assert i - 0.5 < x.min() < x.max() < i + 0.5
            drawn = (y.max() - y) / np.ptp(y)
            np.testing.assert_allclose(drawn, load_curves.range_normalised(here), atol=1e-6)
            ci = float(load_curves.convexity_index(here))
            assert image.get_array()[j, i] == pytest.approx(ci, abs=1e-9)
    low, high = image.get_clim()
    assert low == -high  # straight is the middle of the diverging map
    assert {line.get_color() for line in axes.lines if line.get_gid()} == {style.CURVE}
    each = load_curves.load_curve(cube, variable="spring_separation", over=None)
    worst = float(load_curves.convexity_index(each).std("seed", ddof=1).max())
    assert f"({worst:.3f})" in note(draw("spring_phase_diagram"))


def test_both_diagrams_share_one_scale_and_tell_their_likeness(draw):
    figure = draw("two_phase_diagrams")
    images = figure.findobj(AxesImage)
    assert len(images) == 5
    assert len({image.get_clim() for image in images}) == 1
    (springs,) = (axes for axes in figure.axes if axes.get_title() == "Springs")
    assert len(labels(springs.xaxis)) == 8
    (likeness,) = (axes for axes in figure.axes if axes.get_title("left") == "f")
    (dots,) = (one for one in likeness.collections if isinstance(one, PathCollection))
    # Six diagrams: four of networks, two published.
    assert np.asarray(dots.get_offsets()).shape == (6, 2)
    assert (np.asarray(dots.get_offsets())[:, 0] > ALIKE).all()
    assert labels(likeness.yaxis)[0] == "a data noise"
    # Made-up networks have seeds alike, the springs have not.
    assert "(worst cell): a 0.000 (0.000), " in note(figure)
    assert "e 0.0" in note(figure)


def test_the_published_grid_fits_the_narrow_panels(draw, synthetic):
    figure = draw("two_phase_diagrams", **synthetic.paper_cubes())
    check_readable(figure)
    assert "(48)" in "".join(text.get_text() for axes in figure.axes for text in axes.texts)
