"""Where members start without a scaling, and that a scaling is found by name."""

from __future__ import annotations

import sys

import numpy as np

from layeratlas.engine.start import PlainStart, start_of
from layeratlas.networks.registry import create_family


def test_a_plain_start_is_the_familys_own(make_plan, clouds):
    plan = make_plan(3)
    family = create_family(plan.shared["model"], (7,), 3)
    start = start_of(plan, family, *clouds(n=5, d=7))
    assert isinstance(start, PlainStart)
    theta, statistics = start.weights([2, 0])
    seeds = [plan.members["seed"][i] for i in (2, 0)]
    for found, expected in zip((theta, statistics), family.initialize(seeds), strict=True):
        np.testing.assert_array_equal(found, expected)
    rates = start.rates([2, 0])
    assert rates.shape == (2, len(family.parameters.tensors)) and (rates == 1).all()


def test_tables_are_loaded_for_a_scaling_alone(make_plan, clouds, monkeypatch):
    monkeypatch.delitem(sys.modules, "layeratlas.engine.scaled_start", raising=False)
    plan = make_plan(1)
    start_of(plan, create_family(plan.shared["model"], (7,), 3), *clouds(n=5, d=7))
    assert "layeratlas.engine.scaled_start" not in sys.modules
