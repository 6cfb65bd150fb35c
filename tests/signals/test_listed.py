"""The project's own signals: functions that load, after what they are made of."""

from __future__ import annotations

from layeratlas.signals.listed import LISTED
from layeratlas.signals.signal import GIVEN
from layeratlas.tables import resolve


def test_each_stands_after_what_it_needs_and_its_function_loads():
    known = set(GIVEN)
    for signal in LISTED:
        assert set(signal.needs) <= known, signal.name
        assert callable(resolve(signal.function)) and signal.description
        known.add(signal.name)


def test_what_walks_over_maps_is_of_evaluated_networks_and_labels():
    walks = [s for s in LISTED if s.function.startswith("layeratlas.signals.tangent.walk:")]
    several = [signal for signal in walks if "pass" in signal.needs]
    assert {signal.name for signal in several} == {"tangent_kernels", "cosines", "kernel_growth"}
    for signal in several:
        assert signal.evaluation and signal.images == signal.maps == 2
        assert signal.targets == ("classes", "vectors")
