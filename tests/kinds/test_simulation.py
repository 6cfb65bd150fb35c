"""Chains: their order, their limits of stability."""

from __future__ import annotations

import pytest
from made.documents import as_yaml
from pydantic import ValidationError

from layeratlas.chains.stability import first_order_limit, second_order_limit
from layeratlas.config.experiment import load_experiment
from layeratlas.errors import ConfigError
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


@pytest.fixture
def load(tmp_path):
    """`load(**changes)`: an experiment with chains."""

    def of(**changes):
        raw = {"title": "Chains", "kind": "simulation", "grid": {"noise_strength": [0]}} | changes
        (tmp_path / "x.yaml").write_text(as_yaml(raw))
        return load_experiment("x", "smoke", tmp_path)

    return of


def test_steps_may_be_kept_periodically(load):
    kept = load(chain={"steps": 25}, checkpoints={"every": 10}).checkpoints
    assert kept == (0, 10, 20, 25)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"chain": {"step_size": 0.6}},
         "step_size 0.6 is too large for stability; it must be below 2/(k λ_max) = 0.519"),
        ({"chain": {"friction_left": -1}},
         "friction_left: input should be greater than or equal to 0"),
        ({"chain": {"stiffness": 0}}, "stiffness: input should be greater than or equal to 1e-12"),
        ({"grid": {"dropout": [0]}}, "grid.dropout: unknown axis"),
    ],
)  # fmt: skip
def test_impossible_chains_are_refused_before_any_job(load, tmp_path, changes, told):
    with pytest.raises(ConfigError) as caught:
        load(**changes)
    assert str(caught.value).startswith(f"{tmp_path / 'x.yaml'} ")
    assert told in str(caught.value)
