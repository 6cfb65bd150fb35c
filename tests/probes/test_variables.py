"""The table of variables: one for probes and for trainings."""

from __future__ import annotations

import pytest

from layeratlas.metrics import METRICS
from layeratlas.papers import REFERENCES
from layeratlas.probes.variables import SOURCE, VARIABLES

STEP = [name for name, metric in METRICS.items() if metric.needs == ("gradient_step",)]


@pytest.mark.parametrize("name", STEP)
def test_a_metric_and_a_variable_of_one_name_mean_one_thing(name):
    theirs = METRICS[name].attributes()
    for attribute, value in VARIABLES[name].attributes().items():
        assert theirs[attribute] == value, attribute


def test_the_paper_has_one_reference():
    assert REFERENCES["feature_speed"] is SOURCE


def test_attributes_are_those_of_the_convention():
    assert VARIABLES["backward_feature_angle"].attributes()["units"] == "rad"
    for variable in VARIABLES.values():
        assert set(variable.attributes()) == {"long_name", "units", "formula", "references"}
        assert all(variable.attributes().values())
        assert variable.formula.isascii()
