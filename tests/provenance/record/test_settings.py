"""Settings to compare and show: opened, flattened, told apart."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.provenance.record.settings import differing, flat, plain_settings

KEYS = st.text("abc", min_size=1, max_size=3)
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        st.integers(),
        lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def test_json_text_is_opened_and_the_fingerprint_is_no_setting():
    params = {"plan": '{"key": "1", "runs": [1]}', "code": "c0de", "odd": "{broken", "preset": "x"}
    assert plain_settings(params) == {
        "plan": {"key": "1", "runs": [1]},
        "odd": "{broken",
        "preset": "x",
    }


@given(TREES)
@settings(max_examples=40)
def test_flat_names_lead_back_to_their_values(tree):
    def look(name: str):
        node = tree
        for part in name.split("."):
            node = node[part]
        return node

    found = flat(tree)
    assert all(look(name) == value for name, value in found.items())
    # Every number of the tree is there once.
    assert len(found) == sum(character.isdigit() for character in json.dumps(_ones(tree)))


def _ones(tree):
    return {k: _ones(v) if isinstance(v, dict) else 1 for k, v in tree.items()}


@given(TREES, TREES)
@settings(max_examples=40)
def test_what_differs_is_what_is_not_the_same_in_both(a, b):
    left, right, found = flat(a), flat(b), differing(a, b)
    for name in left.keys() | right.keys():
        same = name in left and name in right and left[name] == right[name]
        assert (name not in found) == same
        assert same or found[name] == (left.get(name), right.get(name))
    assert differing(a, a) == {}
