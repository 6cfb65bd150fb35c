"""Which targets a signal can take."""

from __future__ import annotations

from layeratlas.signals.registry import SIGNALS
from layeratlas.signals.signal import Signal


def test_kinds_of_targets_are_one_some_or_all():
    assert Signal("a", "a:a", targets="classes").kinds == ("classes",)
    assert SIGNALS["tangent_kernels"].kinds == ("classes", "vectors")
    assert SIGNALS["features"].kinds is None
