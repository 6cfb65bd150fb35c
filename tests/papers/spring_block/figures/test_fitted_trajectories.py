"""The figure of fitted trajectories shows networks, chains and what the fits do not know."""

from __future__ import annotations

import numpy as np
import pytest
from made.readable import check_readable, drawn, words
from made.synthetic import turned

from layeratlas import papers
from layeratlas.errors import LayerAtlasError

NAME = "spring_fit_trajectories"
PARAMETERS = ("friction_right", "noise_strength", "steps_per_epoch")
SCALE = {"a": (0.0, 0.0), "b": (0.0, 0.28), "c": (0.8, 0.0), "d": (0.8, 0.28)}


def draw(cube):
    return papers.draw(NAME, {NAME: cube})


def test_each_regime_has_its_network_its_chain_and_its_misfit(fitted):
    figure = draw(fitted)
    tracks, cells = fitted["trajectories"].to_dataset(), fitted["cells"].to_dataset()
    for column, (letter, (slope, dropout)) in enumerate(SCALE.items()):
        here = {"negative_slope": slope, "dropout": dropout}
        curves, misfit = figure.axes[column], figure.axes[4 + column]
        assert curves.get_title("left") == letter
        lines = {line.get_gid(): line for line in curves.lines}
        for name in ("network", "chain"):
            for layer in range(8):
                np.testing.assert_allclose(
                    lines[f"{name}:{layer}"].get_ydata(), tracks[name].sel(here).isel(layer=layer)
                )
        apart = {line.get_gid(): line.get_ydata() for line in misfit.lines}
        for name, node in (("chain", "cells"), ("load_curve_chain", "load_curve_chain")):
            residual = float(fitted[node].to_dataset()["residual"].sel(here))
            assert np.sqrt(np.mean(apart[f"misfit:{name}"] ** 2)) == pytest.approx(
                residual, rel=1e-3
            )
            assert f"{residual:.3f}" in words(misfit)
        assert f"{float(cells['friction_right_fit'].sel(here)):.3f} ± " in words(
            figure.axes[8 + column]
        )
    check_readable(figure)


def test_what_lies_above_the_wall_is_seen(fitted):
    cube = fitted.copy(deep=True)
    tracks = cube["trajectories"].to_dataset()
    tracks["network"][1, 0, 0] = 2.5
    cube["trajectories"] = tracks
    figure = draw(cube)
    for axes in figure.axes[:4]:
        low, high = axes.get_ylim()
        assert low < 0
        assert high > 2.5
    assert "wall $D_0$, $y$ at 1; smallest at 0" in figure.axes[0].get_ylabel()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "network", "chain", "chain fitted to the trajectory", "to the last epoch",
    ]  # fmt: skip
    check_readable(figure)


def test_what_is_not_known_is_said(fitted):
    cube = fitted.copy(deep=True)
    cells = cube["cells"].to_dataset()
    cells["noise_strength_identifiable"][:] = 0
    cells["steps_per_epoch_at_end"][:] = 1
    cells["steps_per_epoch_fit"][:] = cells["steps_per_epoch_high"]
    cells["friction_right_at_end"][:] = -1
    cells["friction_right_fit"][:] = 0.0
    # One value only fits, the slowest clock of all: an upper bound, though it is `high` too.
    cells["steps_per_epoch_at_end"][0, 0] = -1
    for what in ("low", "high"):
        cells[f"steps_per_epoch_{what}"][0, 0] = cells["steps_per_epoch_fit"][0, 0]
    cells["residual"][:] = 4 * cells["tolerance"]
    cells["residual"][0, 0] = 2 * cells["tolerance"][0, 0]
    cube["cells"] = cells
    figure = draw(cube)
    text = words(figure)
    assert text.count(r"$\bar{\epsilon}$ not identifiable") == 4
    assert text.count("$c$ ≥ ") == 3
    assert text.count("$c$ ≤ ") == 1
    assert text.count(r"$\mu_\to$ = 0.000 ± ") == 4  # no friction is an end, and no bound
    assert text.count("no chain comes close") == 3
    assert r"fits as well ($\bar{\epsilon}$ in 4)" in text
    assert "within 3 tolerances in 3 of 4 regimes" in text
    check_readable(figure)


def test_a_regime_without_a_fit_is_drawn_empty(fitted):
    cube = fitted.copy(deep=True)
    for node in ("cells", "load_curve_chain", "trajectories"):
        for variable in cube[node].to_dataset().data_vars.values():
            variable[0, 0] = np.nan
    figure = draw(cube)
    assert words(figure).count(": no fit") == 3
    check_readable(figure)


def test_one_seed_has_no_spread(fitted):
    one = fitted.isel(seed=[0])
    cells = one["cells"].to_dataset()
    spreads = [name for name in cells.data_vars if name.endswith("_seed_std")]
    assert spreads
    one["cells"] = cells.assign({name: cells[name] * np.nan for name in spreads})
    figure = draw(one)
    text = words(figure)
    assert "of the one seed" in text
    assert "±" not in text
    assert "± standard deviation over seeds" in words(draw(fitted))
    check_readable(figure)


def test_a_missing_regime_is_told(fitted):
    with pytest.raises(LayerAtlasError, match=r"need dropout 0\.28"):
        draw(fitted.isel(dropout=[0]))


@pytest.mark.slow
def test_the_order_in_which_rates_are_stored_changes_no_byte(fitted):
    assert drawn(draw(turned(fitted))) == drawn(draw(fitted))
