"""What every kind promises the planner."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.kinds import KINDS
from layeratlas.kinds.base import without_negative_zero

NEEDED = {
    "training": {"dataset": {"source": "digits", "n_train": 64}},
    "fit": {"fit": {"target": "x", "library": "y"}},
    "reduction": {"reduction": {"function": "gap.py:gap", "of": ["x", "y"]}},
}
VALUES = st.recursive(
    st.floats(allow_nan=False) | st.integers() | st.text() | st.none() | st.booleans(),
    lambda inner: st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_run_is_its_sections_and_a_seed_that_changes_nothing_else(kind):
    settings = NEEDED.get(kind.name, {})
    one, two = (
        kind.settings.model_validate({**settings, "seed": seed}).canonical() for seed in (1, 2)
    )
    assert {**one, "seed": 2} == two
    assert set(kind.settings.model_fields) == {*kind.sections, "seed"}
    assert kind.members["seed"] == ("seed",)
    assert set(kind.together) <= set(kind.members)


@given(value=VALUES)
def test_no_zero_is_negative(value):
    found = without_negative_zero(value)
    assert found == value
    assert type(found) is type(value)
    stack = [found]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, float):
            assert node != 0 or math.copysign(1, node) == 1
