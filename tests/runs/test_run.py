"""One text and one hash for equal values, whatever the order of their keys."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.runs.run import canonical_json, short_hash

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner,
                                                               max_size=3),
)  # fmt: skip


@given(value=values)
def test_canonical_json_is_the_value(value):
    assert json.loads(canonical_json(value)) == value


@given(value=st.dictionaries(st.text(max_size=3), values, max_size=4), data=st.data())
def test_order_of_keys_does_not_matter(value, data):
    shuffled = dict(data.draw(st.permutations(list(value.items()))))
    assert canonical_json(shuffled) == canonical_json(value)
    assert short_hash(shuffled) == short_hash(value)


def test_hashes_are_sixteen_digits_and_stay_what_they_were():
    assert short_hash({"a": 1, "b": [0.5, None]}) == "f1a92042e7c3ddd4"
    assert short_hash({"a": 1}) != short_hash({"a": 1.5})


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_json_has_no_number_for_is_refused(value):
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json({"learning_rate": value})
