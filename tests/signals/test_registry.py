"""The table of signals: entries load, end at what is given, and come after what they need."""

from __future__ import annotations

import pytest

from layeratlas.signals.registry import GIVEN, SIGNALS, used
from layeratlas.tables import resolve


@pytest.mark.parametrize("name", SIGNALS)
def test_entries_load_and_tell_what_they_are(name):
    signal = SIGNALS[name]
    assert callable(resolve(signal.function)) and signal.description
    assert signal.needs and all(need in GIVEN or need in SIGNALS for need in signal.needs)


def test_what_is_used_comes_after_what_it_needs():
    found = list(used(["within_variance", "between_classes"]))
    assert set(found) == {
        "features", "targets", "classes", "class_sums", "class_means", "deviations",
        "within_square", "within_variance", "between_classes",
    }  # fmt: skip
    for at, name in enumerate(found):
        needs = [need for need in SIGNALS[name].needs if need not in GIVEN]
        assert set(needs) <= set(found[:at])


def test_an_unknown_signal_names_the_nearest():
    with pytest.raises(KeyError, match="unknown signal 'featurs'; did you mean 'features'"):
        used(["featurs"])
