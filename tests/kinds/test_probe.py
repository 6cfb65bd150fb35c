"""Probes: what a network, a scaling and a step may be together."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layeratlas.kinds.probe import PROBE, ProbeRun
from layeratlas.networks.scalings import ScalingError


def test_a_branch_rule_is_its_number_in_the_run():
    run = ProbeRun.model_validate(
        {"model": {"family": "residual_mlp", "depth": 16, "branch_scale": "1/sqrt(L)"}}
    )
    assert run.canonical()["model"]["branch_scale"] == 0.25
    assert "branch_scale" not in ProbeRun.model_validate({}).canonical()["model"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"probe": {"learning_rates": "scaling"}}, "needs scaling.name"),
        ({"model": {"family": "residual_mlp", "branch_scale": 1.5}}, "must lie in"),
        ({"scaling": {"name": "resnet_fsc"}}, "is not defined for architecture 'mlp'"),
    ],
)
def test_what_is_not_defined_is_refused(settings, told):
    with pytest.raises((ValidationError, ScalingError), match=told):
        ProbeRun.model_validate(settings)


def test_calibration_needs_no_table():
    assert ProbeRun.model_validate({"scaling": {"name": "fsc_auto"}}).scaling.name == "fsc_auto"


def test_members_are_where_the_paths_say():
    run = ProbeRun.model_validate({"model": {"family": "residual_mlp"}}).canonical()
    for path in PROBE.members.values():
        node = run
        for part in path:
            node = node[part]
