"""Answers on standard output."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.provenance.tell.printing import plain, print_json, print_rich, print_table

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(VALUES)
def test_whatever_an_answer_holds_is_json(value):
    text = json.dumps(plain(value), allow_nan=False)
    if "nan" not in repr(value) and "inf" not in repr(value):
        assert json.loads(text) == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.array([1.0, np.nan]), [1.0, None]),
        (pd.NA, None),
        (pd.NaT, None),
        (float("-inf"), "-inf"),
        ((1, 2), [1, 2]),
        ({1: pd.Timestamp("2031-05-17")}, {"1": "2031-05-17 00:00:00"}),
    ],
)
def test_odd_values(value, said):
    assert plain(value) == said


def test_json_is_a_row_an_object_in_order(capsys):
    table = pd.DataFrame({"b": [1, 2], "a": ["x", None]}, dtype=object)
    print_json(table)
    assert json.loads(capsys.readouterr().out) == [{"b": 1, "a": "x"}, {"b": 2, "a": None}]


def test_a_table_and_its_sum(capsys):
    table = pd.DataFrame({"path": ["long " * 25, "b"], "unasked": [1, 2]})
    print_table(table, {"path": "file"}, "2 files")
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == "2 files"
    assert "unasked" not in said
    # A pipe has no width: lines are not broken at 80 columns.
    assert max(map(len, said.splitlines())) > 100


def test_an_empty_table_is_its_words(capsys):
    print_table(pd.DataFrame({"path": []}), {"path": "file"}, "nothing is stale")
    assert capsys.readouterr().out == "nothing is stale\n"
    print_rich()
    assert capsys.readouterr().out == ""
