"""Chains: their order, their limits of stability."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layeratlas.chains.stability import first_order_limit, second_order_limit
from layeratlas.kinds.simulation import SIMULATION, SimulationRun


@pytest.mark.parametrize("order", ["first", "second"])
def test_steps_below_the_limit_and_no_larger(order):
    chain = {"order": order, "length": 7, "stiffness": 1.0}
    limits = {"first": first_order_limit(7, 1.0), "second": second_order_limit(7, 1.0, 1.0, 1.0)}
    limit = limits[order]
    SimulationRun.model_validate({"chain": {**chain, "step_size": 0.999 * limit}})
    with pytest.raises(ValidationError, match="too large for stability"):
        SimulationRun.model_validate({"chain": {**chain, "step_size": limit}})


def test_a_chain_that_names_no_order_is_of_the_first():
    prepared = SIMULATION.prepare({"chain": {"length": 3}}, "x")
    assert prepared == {"chain": {"order": "first", "length": 3}}
    assert SimulationRun.model_validate({"chain": {"length": 3}}).chain.order == "first"
    # Settings of the other order are refused.
    with pytest.raises(ValidationError, match="mass"):
        SimulationRun.model_validate({"chain": {"mass": 2.0}})


def test_its_length_is_its_steps():
    run = SimulationRun.model_validate({"chain": {"order": "second", "steps": 12}})
    assert SIMULATION.horizon(run) == ("chain.steps", 12)
