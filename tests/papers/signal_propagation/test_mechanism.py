"""One small step."""

from __future__ import annotations

import numpy as np
import pytest
from made.aligned import tiny_cube

from layeratlas.papers.signal_propagation import mechanism

GROWTH = np.linspace(-1.1, 2, 10)


def test_the_prediction_is_first_order():
    steps = mechanism.tiny_steps(tiny_cube())
    assert steps["observed"].dims == ("learning_rate", "seed", "layer")
    assert steps["observed"].values[1, 0] == pytest.approx(1e-2 * GROWTH, rel=1e-6)
    # Second order: 3 η² over η times the growth.
    error = mechanism.relative_errors(steps)
    assert error.values[1, 0] == pytest.approx(3e-2 / abs(GROWTH), rel=1e-4)
    assert error.values[0].max() < mechanism.FIRST_ORDER


def test_changes_of_the_size_of_round_off_do_not_count():
    steps = mechanism.tiny_steps(tiny_cube(rates=(1e-14, 1e-12, 1e-6)))
    error = mechanism.relative_errors(steps)
    assert np.isnan(error.values[0]).all()
    counted = abs(1e-12 * GROWTH) > mechanism.ROUND_OFF
    assert np.isfinite(error.values[1, 0]).tolist() == counted.tolist()
    assert 0 < counted.sum() < 10
    assert mechanism.tiny_rate(steps) == (1e-12 if counted.mean() > 0.5 else 1e-6)
    assert mechanism.tiny_rate(mechanism.tiny_steps(tiny_cube(rates=(1e-15, 1e-14)))) is None


def test_terms_of_another_layer_are_no_prediction():
    steps = mechanism.tiny_steps(tiny_cube())
    error = mechanism.relative_errors(
        steps.assign(predicted=steps["predicted"].roll(layer=1, roll_coords=False))
    )
    assert np.nanmedian(error.values) > mechanism.FIRST_ORDER
