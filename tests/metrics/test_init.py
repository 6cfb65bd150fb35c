"""The room's front door: metrics by name, loaded on first use."""

from __future__ import annotations

import pytest

from layeratlas import metrics
from layeratlas.metrics import separation


def test_functions_are_those_of_their_module():
    names = [name for name in metrics.__all__ if name.startswith("data_separation")]
    assert names
    for name in names:
        assert getattr(metrics, name) is getattr(separation, name)


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'sharpness'"):
        metrics.sharpness  # noqa: B018
