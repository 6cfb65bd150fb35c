"""Evenly spaced values against numpy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.documents import as_yaml

from layeratlas.config.experiment import load_experiment
from layeratlas.config.spacing import spaced
from layeratlas.errors import ConfigError

ENDS = st.floats(1e-6, 1e6)


@given(first=ENDS, ratio=st.floats(1.01, 1e6), points=st.integers(2, 40))
def test_points_lie_where_numpy_puts_them(first, ratio, points):
    last = first * ratio
    asked = {"from": first, "to": last, "points": points}
    np.testing.assert_allclose(spaced(asked, "x"), np.linspace(first, last, points), rtol=1e-5)
    logarithmic = spaced({**asked, "spacing": "log"}, "x")
    np.testing.assert_allclose(logarithmic, np.geomspace(first, last, points), rtol=1e-5)
    # What a file says is what a cube shows: no more than six digits.
    assert all(value == float(f"{value:.6g}") for value in logarithmic)


@given(first=st.integers(-50, 50), span=st.integers(1, 99), step=st.integers(1, 20))
def test_whole_numbers_are_a_range_with_its_end(first, span, step):
    found = spaced({"from": first, "to": first + span, "step": step}, "x")
    assert found == list(range(first, first + span + 1, step))
    assert all(type(value) is int for value in found)


def test_an_axis_takes_them(tmp_path):
    raw = {
        "title": "A probe",
        "kind": "probe",
        "model": {"family": "residual_mlp", "depth": 6, "width": 8},
        "grid": {
            "depth": {"from": 3, "to": 12, "step": 4},
            "branch_scale": {"from": 1e-3, "to": 1, "points": 4, "spacing": "log"},
            "negative_slope": {"from": 0, "to": 1, "points": 5},
        },
    }
    (tmp_path / "x.yaml").write_text(as_yaml(raw))
    assert load_experiment("x", "laptop", tmp_path).grid == {
        "depth": (3, 7, 11),
        "branch_scale": (0.001, 0.01, 0.1, 1.0),
        "negative_slope": (0.0, 0.25, 0.5, 0.75, 1.0),
    }


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"from": 1, "upto": 2}, "x: upto: unknown key"),
        ({"from": True, "to": 2}, "x.from: expected a number, got True"),
        ({"from": 1}, "x.to: expected a number, got None"),
        ({"from": 2, "to": 2}, "expected from < to, got 2 and 2"),
        ({"from": 1, "to": 2, "step": 0}, "expected whole numbers"),
        ({"from": 1, "to": 2, "points": 1}, "x.points: expected an integer of at least 2, got 1"),
        ({"from": 1, "to": 2, "points": 3, "step": 1}, "expected linear or log (without step)"),
        ({"from": 0, "to": 2, "points": 3, "spacing": "log"}, "needs a positive number, got 0"),
    ],
)
def test_what_is_no_spacing_is_refused(asked, told):
    with pytest.raises(ConfigError) as caught:
        spaced(asked, "x")
    assert told in str(caught.value)
