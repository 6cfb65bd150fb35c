"""JSON of somebody else: parsed, and of a size and shape that everything can hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.bounded import documents
from layeratlas.bounded.documents import DEEPEST, parse_json, read_json
from layeratlas.errors import LONGEST, UnreadableError

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text("abcé"), inner)
)


@given(values)
def test_plain_json_comes_out_as_it_went_in(value):
    text = json.dumps(value)
    assert parse_json(text.encode(), "x") == json.loads(text) == value


@given(st.binary())
def test_any_bytes_give_a_value_or_one_sentence(content):
    try:
        parse_json(content, "odd.json")
    except UnreadableError as error:
        assert str(error).startswith("odd.json: ")
        assert len(str(error)) <= LONGEST


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (nested(200_000), "nested deeper"),
        ("[" * 200_000, "nested deeper|whole JSON"),
        (nested(DEEPEST + 2), "nested deeper"),
        ('{"size": 1' + "0" * 30 + "}", "64 bits"),
        ('{"size": 1' + "0" * 5000 + "}", "whole JSON|64 bits"),
        ('{"x": NaN}', "NaN"),
        ('{"x": -Infinity}', "Infinity"),
        ('{"x": 1e999}', "too large"),
        (r'{"x": "\ud800"}', "Unicode"),
        (r'{"\udfff": 1}', "Unicode"),
        ("", "whole JSON"),
        ('{"x": 1', "whole JSON"),
    ],
)
def test_what_nothing_can_hold_is_refused(text, reason):
    with pytest.raises(UnreadableError, match=reason) as refused:
        parse_json(text.encode(), "bad.json")
    assert len(str(refused.value)) <= LONGEST


def test_the_deepest_that_is_taken():
    assert parse_json(nested(DEEPEST), "x") is not None


def test_a_document_of_too_many_values_is_not_parsed(monkeypatch):
    monkeypatch.setattr(documents, "MOST_ITEMS", 10)
    assert parse_json("[" + "1," * 10 + "1]", "x") == [1] * 11
    with pytest.raises(UnreadableError, match="more than 10 values"):
        parse_json("[" + "1," * 11 + "1]", "x")


def test_a_file_is_named(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("{}")
    assert read_json(path) == {}
    with pytest.raises(UnreadableError, match="at most 1 are read"):
        read_json(path, 1)


@pytest.mark.parametrize("odd", ["1e999", "99999999999999999999", '"\\ud800"', "[[1e999]]"])
@pytest.mark.parametrize("rest", ["1", "1.5", '"a"', '"é"'])
def test_one_odd_value_among_many_like_ones_is_seen(odd, rest):
    text = f"[{', '.join([rest] * 50 + [odd] + [rest] * 50)}]"
    with pytest.raises(UnreadableError):
        parse_json(text, "x")


def test_large_numbers_are_numbers():
    assert parse_json("[1e308, 1e308, -1e308, -1e308]", "x") == [1e308, 1e308, -1e308, -1e308]
    assert parse_json(f"[{2**64 - 1}, {-(2**63)}]", "x") == [2**64 - 1, -(2**63)]
