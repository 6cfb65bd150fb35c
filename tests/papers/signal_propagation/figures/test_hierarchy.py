"""The figure of the hierarchy shows the numbers of the cube."""

from __future__ import annotations

import numpy as np

from layeratlas import papers
from layeratlas.papers.signal_propagation.profiles import profile


def lines(axes) -> dict[str, np.ndarray]:
    return {str(line.get_gid()): np.asarray(line.get_ydata()) for line in axes.lines}


def test_curves_are_means_over_seeds(made_cubes):
    cubes = made_cubes()
    axes = papers.draw("alignment_hierarchy", cubes).axes[1]
    assert axes.get_title().startswith("MLP, L = 20, Fashion-MNIST\nascent-descent present")
    drawn = lines(axes)
    for record in ("init", "mark_0.1"):
        for view in ("train", "test"):
            want = profile(cubes["alignment_fashion_mnist"], "alignment", view, record)
            want = want.sel(depth=20).mean("seed").values[:20]
            np.testing.assert_allclose(drawn[f"{record},{view}"], want, rtol=1e-6)
    np.testing.assert_allclose(drawn["null"], 0.02, rtol=1e-6)
    (at,) = {float(x) for line in axes.lines if line.get_gid() == "mean_field"
             for x in line.get_xdata()}  # fmt: skip
    assert abs(at - 8.1) < 0.05


def test_without_a_run_at_the_mark_the_panel_says_so(made_cubes):
    reached = np.concatenate([np.ones((4, 3, 1)), np.zeros((4, 3, 1))], -1)
    cubes = made_cubes(alignment_mnist={"reached": reached})
    axes = papers.draw("alignment_hierarchy", cubes).axes[2]
    assert axes.get_title() == "MLP, L = 10, MNIST\nno run came to the mark"
    assert "mark_0.1,train" not in lines(axes) and "init,train" in lines(axes)
