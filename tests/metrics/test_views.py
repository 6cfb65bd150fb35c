"""Which views a metric is measured on, and along which dimension."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.metrics import get_metric
from layeratlas.metrics.views import Views
from layeratlas.signals.views import View

SEPARATION, TRACE, STEP = map(get_metric, ("data_separation", "hessian_trace", "contribution"))
MODES = ("batch_statistics", "running_statistics")


def test_modes_of_batch_norm_mean_what_they_meant():
    views = Views.of({"batch_norm_modes": MODES, "step_images": 5})
    batch, running = View(batch_norm="batch_statistics"), View()
    assert views.places(SEPARATION) == [(0, batch), (1, running)]
    assert views.places(TRACE) == [(None, running)] and views.dims(TRACE) == ()
    assert views.places(STEP) == [(1, View(images=5))]
    assert views.dims(STEP) == views.dims(SEPARATION) == ("batch_norm_mode",)
    assert views.modes == MODES and list(views.coordinates()) == ["batch_norm_mode"]
    alone = Views.of({"batch_norm_modes": MODES[:1]})
    assert alone.places(STEP) == [] and alone.places(TRACE) == [(None, running)]


def test_named_views_are_what_they_say():
    views = Views.of({
        "views": {
            "few": {"images": 7},
            "test": {"split": "test", "batch_norm": "batch_statistics"},
        },
        "batch_norm_modes": MODES,
        "step_images": 3,
    })  # fmt: skip
    few, test = View(images=7), View("test", batch_norm="batch_statistics")
    assert views.places(SEPARATION) == [(0, few), (1, test)]
    assert views.places(TRACE) == views.places(STEP) == [(0, few)]
    assert views.dims(TRACE) == ("view",)
    told = views.coordinates()
    assert list(told["view"][1]) == ["few", "test"]
    assert list(told["view_split"][1]) == ["train", "test"]
    np.testing.assert_array_equal(told["view_images"][1], [7, np.nan])
    assert list(told["view_batch_norm"][1]) == ["running_statistics", "batch_statistics"]


def test_an_unknown_part_of_a_view_is_an_error():
    with pytest.raises(TypeError):
        Views.of({"views": {"x": {"half": "train"}}})


def test_views_tell_of_projections_and_biases_where_any_has_them():
    plain = {"few": {"images": 7}}
    assert not {"view_projections", "view_conv_bias"} & set(
        Views.of({"views": plain}).coordinates()
    )
    more = {"guess": {"projections": 16}, "bare": {"conv_bias": "dropped"}}
    told = Views.of({"views": plain | more}).coordinates()
    np.testing.assert_array_equal(told["view_projections"][1], [np.nan, 16, np.nan])
    assert list(told["view_conv_bias"][1]) == ["kept", "kept", "dropped"]
