"""What a part of a file may be, whatever it is merged with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.config.shapes import (
    parts_of,
    refuse_foreign,
    refuse_misshapen,
    refuse_no_count,
    refuse_no_moments,
    seeds_of,
)
from layeratlas.errors import ConfigError
from layeratlas.kinds import KINDS

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["seeds", "shard_size", "checkpoints", "grid", "model", "dtype", "measure", "presets", "kind",
     "title", "summary", "paper", "template", "fit", "x"]
)  # fmt: skip


@given(data=st.dictionaries(KEYS, VALUES))
def test_whatever_a_file_holds_is_in_shape_or_refused(data):
    try:
        refuse_misshapen(data, "x.yaml")
    except ConfigError as error:
        assert str(error).startswith("x.yaml: ")
    else:
        assert all(isinstance(part, dict) for _, part in parts_of(data))


def test_parts_are_a_files_own_and_each_presets():
    data = {"title": "A", "seeds": 3, "presets": {"smoke": {"seeds": 1}, "paper": {"model": {}}}}
    assert list(parts_of(data)) == [
        ("", {"seeds": 3}), ("presets.smoke.", {"seeds": 1}), ("presets.paper.", {"model": {}}),
    ]  # fmt: skip


@given(seeds=st.lists(st.integers(0, 2**63 - 1), min_size=1, unique=True))
def test_listed_seeds_stay(seeds):
    assert seeds_of(seeds, "x") == tuple(seeds)


@given(number=st.integers(1, 500))
def test_a_number_of_seeds_counts_from_one(number):
    assert seeds_of(number, "x") == tuple(range(1, number + 1))


@given(value=VALUES)
def test_counts_and_moments(value):
    if type(value) is int and 1 <= value <= 9:
        refuse_no_count(value, 9, "x", "key")
    else:
        with pytest.raises(ConfigError, match=r"^x: key: expected an integer of at "):
            refuse_no_count(value, 9, "x", "key")
    if not isinstance(value, list | dict) or not value:
        with pytest.raises(ConfigError, match=r"^x: key: expected a list of moments"):
            refuse_no_moments(value, "x", "key")


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_sections_of_another_kind_are_foreign(kind):
    refuse_foreign(dict.fromkeys(kind.sections), kind, "x")
    for other in KINDS.values():
        for section in set(other.sections) - set(kind.sections):
            with pytest.raises(ConfigError, match=f"^x: {section}: not a setting"):
                refuse_foreign({section: {}}, kind, "x")
