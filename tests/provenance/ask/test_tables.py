"""Answers keep what pandas would change: None, booleans, integers with gaps."""

from __future__ import annotations

import pandas as pd

from layeratlas.provenance.ask.tables import frame


def test_promised_columns_with_what_is_unknown_as_none():
    rows = [{"a": 1, "b": True, "extra": 0}, {"b": None, "c": [1, 2]}]
    table = frame(rows, ("a", "b", "c"), a="Int64")
    assert list(table.columns) == ["a", "b", "c"]
    assert table["a"][0] == 1
    assert table["a"][1] is pd.NA
    assert table["b"][0] is True
    assert table["b"][1] is None
    assert table["c"][0] is None
    assert table["c"][1] == [1, 2]


def test_no_rows_have_columns_and_types():
    table = frame([], ("depth", "path"), depth=int)
    assert table.empty
    assert table["depth"].dtype == int
    assert table["path"].dtype == object
