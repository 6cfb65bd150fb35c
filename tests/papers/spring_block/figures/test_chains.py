"""The two notebooks: motion, velocities and profiles."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import labels, line, panels

from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.chain_cubes import chain_curves, chain_settings
from layeratlas.papers.spring_block.theory import stationary_state


def test_first_notebook_draws_the_mean(draw, simulated):
    figure = draw("first_order_chain")
    motion = figure.axes[1]
    mean = load_curves.load_curve(
        simulated.cube("first_order_chain"), variable="spring_separation", keep_epochs=True
    ).sel(noise_strength=0.1)
    for layer in (0, 3, 7):
        steps, values = line(motion, f"mean:{layer}").get_xydata().T
        np.testing.assert_allclose(values, mean.sel(layer=layer), atol=1e-6)
        assert steps[-1] == 10_000
    runs = chain_curves(simulated.cube("first_order_chain"), over=None, keep_epochs=True)
    here = runs.sel(noise_strength=0.1, layer=3)
    (band,) = (c for c in motion.collections if c.get_gid() == "spread:3")
    top = float((here.mean("seed") + here.std("seed", ddof=1)).max())
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(top, rel=1e-6)


def test_the_profile_is_the_mean_with_its_spread_over_the_chains_beside_theory(draw, simulated):
    cube = simulated.cube("first_order_chain")
    D = chain_curves(cube, over=None).sel(noise_strength=0.1)
    profile = draw("first_order_chain").axes[0]
    (mean,) = (line for line in profile.lines if line.get_marker() == "o")
    np.testing.assert_allclose(mean.get_ydata(), D.mean("seed"))
    (bars,) = profile.containers
    ends = np.array(bars.lines[2][0].get_segments())[:, :, 1]
    np.testing.assert_allclose(np.ptp(ends, axis=1), 2 * D.std("seed", ddof=1), atol=1e-12)
    grey = [line for line in profile.lines if line.get_color() == "0.75"]
    assert len(grey) == D.sizes["seed"]
    chain = chain_settings(cube)
    exact = stationary_state(chain["length"], chain["friction_right"], chain["friction_left"])
    theory = [line.get_ydata() for line in profile.lines if line.get_label() == "theory"]
    np.testing.assert_allclose(theory[0], 1 - exact[:-1])


def test_both_noises_have_a_row_of_distance_velocity_and_profile(draw, simulated):
    figure = draw("second_order_chain")
    words = [axes.get_ylabel().split("\n")[0] for axes in panels(figure)[::3]]
    assert words == ["common noise", "independent noise"]
    for row, name in enumerate(("common", "independent")):
        D = chain_curves(simulated.cube(f"second_order_chain_{name}"), over=None)
        profile = panels(figure)[3 * row + 2]
        (mean,) = (line for line in profile.lines if line.get_marker() == "o")
        np.testing.assert_allclose(mean.get_ydata(), D.isel(noise_strength=-1).mean("seed"))


def test_velocities_of_blocks_stand_apart_on_one_scale(draw, simulated):
    figure = draw("second_order_chain")
    apart = set()
    for row, name in enumerate(("common", "independent")):
        axes = panels(figure)[3 * row + 1]
        cube = simulated.cube(f"second_order_chain_{name}")
        v = chain_curves(cube, "spring_velocity", over=None, keep_epochs=True)
        mean = v.isel(noise_strength=-1).mean("seed")
        levels = dict(zip(labels(axes.yaxis), axes.get_yticks(), strict=True))
        assert list(levels) == [str(block) for block in range(1, 8)]
        for block, level in levels.items():
            drawn = line(axes, f"velocity:{block}").get_ydata()
            np.testing.assert_allclose(drawn - level, mean.sel(layer=int(block)), atol=1e-9)
        apart |= set(np.round(np.diff(axes.get_yticks()), 9))
    assert len(apart) == 1
