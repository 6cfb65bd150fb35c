"""Which map a network's settings have."""

from __future__ import annotations

import math

import pytest

from layeratlas.errors import LayerAtlasError
from layeratlas.infinite_width.choosing import correlation_map
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.infinite_width.smooth import Smooth


def test_rectifiers_are_in_closed_form():
    assert correlation_map("leaky_relu", math.sqrt(2), negative_slope=0.3) == Rectifier(0.3)
    # Without biases σ_w is of no matter.
    assert correlation_map("relu", 1.0) == Rectifier()
    assert correlation_map("relu", 1.0, 0.2) == Rectifier(gain=0.5)


def test_others_are_by_series():
    found = correlation_map("tanh", 1.3, 0.2)
    assert isinstance(found, Smooth)
    assert found.shared == pytest.approx(0.04 / found.variance)


def test_refusals():
    with pytest.raises(LayerAtlasError, match="activation 'softsign': no recursion"):
        correlation_map("softsign", 1.0)
    with pytest.raises(LayerAtlasError, match="gain must be in"):
        correlation_map("relu", math.sqrt(2), 0.2)
