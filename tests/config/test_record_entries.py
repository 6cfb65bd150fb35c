"""Entries of `records`, and what is refused of them in one sentence."""

from __future__ import annotations

import pytest

from layeratlas.config.record_entries import AtEpoch, Mark, Series, entries
from layeratlas.errors import ConfigError


def test_entries_by_their_keys():
    found = list(entries([{"epoch": 1}, {"loss_below": 0.1, "times": 3},
                          {"every": 2, "unit": "step"}, "final"], "x", "records"))  # fmt: skip
    assert found == [AtEpoch(epoch=1), Mark(loss_below=0.1, times=3),
                     Series(every=2, unit="step"), "final"]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], "records: expected a list of record points"),
        ({"every": 1}, "records: expected a list of record points"),
        ([3], "records[0]: expected one of {epoch: n}, {step: n}"),
        ([{"epoch": 1, "step": 2}], "records[0]: expected one of"),
        ([{"epoch": -1}], "records[0].epoch: expected greater than or equal to 0, got -1"),
        ([{"epoch": True}], "records[0].epoch: expected a valid integer, got True"),
        ([{"step": 1.5}], "records[0].step: expected a valid integer, got 1.5"),
        ([{"step": 1, "lable": "x"}], "records[0].lable: unknown key; did you mean 'label'?"),
        ([{"loss_below": 0}], "records[0].loss_below: expected greater than 0, got 0"),
        ([{"loss_below": 0.1, "times": 0}], "records[0].times: expected greater than or equal"),
        ([{"loss_below": 0.1, "otherwise": "x"}], "records[0].otherwise: expected 'missing' or"),
        ([{"every": 2}], "records[0].unit: field required"),
        ([{"every": 1.5, "unit": "step"}], "records[0].every: expected a whole number, or a"),
        ([{"every": 1, "unit": "step", "start": 5}], "records[0].every: expected a factor of at"),
        ([{"every": 0.5, "unit": "epoch"}], "records[0].every: expected a whole number"),
        (["final", {"step": 1}, {"step": 1}], "records[2]: step 1 appears twice; keep one, or"),
        (["final", "final"], "records[1]: final appears twice"),
        ([{"step": 1, "label": "final"}], "records[0].label: expected a word of letters, digits"),
        ([{"step": 1, "label": "a b"}], "records[0].label: expected a word of letters, digits"),
    ],
)  # fmt: skip
def test_what_is_no_record_point_is_refused(asked, told):
    with pytest.raises(ConfigError) as caught:
        list(entries(asked, "x.yaml", "records"))
    assert str(caught.value).startswith(f"x.yaml: {told}")
    assert len(str(caught.value)) < 380
