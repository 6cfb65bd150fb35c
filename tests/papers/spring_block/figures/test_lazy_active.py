"""Strips and frames of lazy and active training."""

from __future__ import annotations

import numpy as np
from made.readable import line
from PIL import Image

from layeratlas import papers
from layeratlas.figures import animation
from layeratlas.papers.spring_block import load_curves
from layeratlas.papers.spring_block.regimes import BATCH_NORM_MODE


def test_strips_are_recorded_moments_on_one_scale(draw, simulated):
    figure = draw("lazy_active")
    strips = [axes for axes in figure.axes if axes.get_title().startswith("epoch ")]
    assert len(strips) == 12
    assert len({axes.get_ylim() for axes in strips}) == 1
    # Moments nearest to their fractions of 30 epochs.
    told = [axes.get_title().split("\n") for axes in strips[:6]]
    assert [epoch for epoch, _ in told] == [f"epoch {epoch}" for epoch in (0, 1, 3, 9, 18, 30)]
    assert told[-1][1] == "step 10\u2009000"
    for axes in strips:
        # The chain stands above the curve, in the panel.
        (place,) = axes.child_axes
        assert place.patches
        assert axes.containers
    D = load_curves.load_curve(
        simulated.network_trajectories(), batch_norm_mode=BATCH_NORM_MODE, keep_epochs=True
    )
    for axes, dropout in ((strips[5], 0.0), (strips[11], 0.28)):
        wanted = D.sel(negative_slope=0.0, dropout=dropout, epoch=30)
        np.testing.assert_allclose(line(axes, "load curve").get_ydata(), wanted, rtol=1e-6)


def test_animation_is_the_same_bytes_and_carries_its_identity(
    simulated, synthetic, tmp_path, monkeypatch
):
    from layeratlas.papers.spring_block.figures import lazy_active

    whole = lazy_active.lazy_active_frames

    def few(cubes):
        made = whole(cubes)
        return animation.Animation(made.figure, lambda i: made.show(10 * i), 6, made.rate, 50)

    monkeypatch.setattr(lazy_active, "lazy_active_frames", few)
    cubes = simulated.cubes("lazy_active", synthetic)
    identity = {"cube": "sha256:" + "0123456789abcdef" * 40}
    paths = [
        papers.animate("lazy_active", cubes, tmp_path / str(i) / "lazy_active.gif", identity)
        for i in range(2)
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with Image.open(paths[0]) as image:
        assert image.n_frames == 6
        assert image.info["comment"].decode().startswith('{"cube": "sha256:0123')
        assert image.info["loop"] == 0
