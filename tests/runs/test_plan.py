"""A plan is what its JSON says, and back."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from layeratlas.runs.plan import ShardPlan

numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(
    members=st.integers(1, 4).flatmap(
        lambda n: st.dictionaries(
            st.sampled_from(["seed", "dropout", "scaling"]),
            st.lists(numbers | st.sampled_from(["fsc", "default"]), min_size=n, max_size=n),
        ).map(lambda values: (n, values))
    ),
    checkpoints=st.lists(st.integers(0, 100), max_size=4),
)
def test_a_plan_survives_its_json(members, checkpoints):
    size, values = members
    plan = ShardPlan(
        key="0123456789abcdef",
        run_ids=tuple(f"run{i}" for i in range(size)),
        shared={"model": {"family": "mlp"}, "dtype": "float32"},
        members={name: tuple(value) for name, value in values.items()},
        checkpoints=tuple(checkpoints),
    )
    assert ShardPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert plan.size == size
