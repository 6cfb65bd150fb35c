"""What may be measured."""

from __future__ import annotations

import pytest

from layeratlas.config.measuring import MeasureSettings, measuring
from layeratlas.errors import ConfigError


def test_lists_become_what_is_measured():
    found = measuring({"metrics": ["data_separation", "sensitivity"], "step_images": 3}, "x")
    assert found.metrics == ("data_separation", "sensitivity") and found.step_images == 3
    assert measuring({}, "x") == MeasureSettings()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"metrics": []}, "x: measure.metrics: "),
        ({"metrics": ["data_separation"] * 2}, "measure.metrics[1]: 'data_separation' appears"),
        ({"batch_norm_modes": ["running_statistics"] * 2}, "a mode appears twice"),
        ({"step_images": 0}, "measure.step_images: input should be greater than or equal to 1"),
        ([], "measure: expected a mapping of settings, got []"),
    ],
)
def test_what_cannot_be_measured_is_refused(asked, told):
    with pytest.raises(ConfigError) as caught:
        measuring(asked, "x")
    assert told in str(caught.value)
