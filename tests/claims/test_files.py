"""Claims as JSON: deterministic, and the same when read back."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE
from layeratlas.claims.files import from_json, to_json

IDENTITY = {"code": "abc", "cube": "def"}


def test_the_order_of_identities_does_not_matter(claimed):
    found = [claimed(0.4), claimed(0.6, id="2")]
    assert to_json(found, IDENTITY) == to_json(found, dict(reversed(IDENTITY.items())))
    document = json.loads(to_json(found, IDENTITY))
    assert document["identity"] == IDENTITY
    assert document["count"] == {HOLDS: 1, FAILS: 1, NOT_APPLICABLE: 0}


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=4))
def test_what_is_written_comes_back_and_is_written_the_same(claimed, values):
    found = [claimed(value, id=str(i)) for i, value in enumerate(values)]
    text = to_json(found, IDENTITY)
    again = from_json(text)
    assert to_json(again, IDENTITY) == text
    for one, two in zip(found, again, strict=True):
        assert one.verdict == two.verdict
        if one.value is None:
            assert two.value is None
        else:
            assert math.isclose(one.value, two.value, rel_tol=1e-7)


def test_tables_are_kept_where_there_are_any_and_gaps_are_null(claimed):
    row = {"dropout": 0.1, "reproduced": math.nan}
    with_table, without = claimed(0.4, table=[row]), claimed(0.4)
    records = json.loads(to_json([with_table, without]))["claims"]
    assert records[0]["table"] == [{"dropout": 0.1, "reproduced": None}]
    assert "table" not in records[1]
    assert from_json(to_json([with_table]))[0].table == ({"dropout": 0.1, "reproduced": None},)


def test_verdicts_are_reached_before_rounding(claimed):
    (record,) = json.loads(to_json([claimed(0.5 + 1e-12)]))["claims"]
    assert (record["value"], record["verdict"]) == (0.5, FAILS)
