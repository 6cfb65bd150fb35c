"""A rule's parameters as plain JSON and its hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from layeratlas.provenance.record.configuration import configuration, seeds_of
from layeratlas.provenance.record.recording import Recorder

pytestmark = pytest.mark.usefixtures("quick_capture")


def test_odd_parameters_do_not_cost_the_record(project, tools):
    params = {"a": float("nan"), "b": {2, 1}, "c": Path("x"), "d": "{broken", "code": "1"}
    record = Recorder(tools.job_object(params=params)).finish()
    assert record.configuration.value == {"a": "nan", "b": [1, 2], "c": "x", "d": "{broken"}
    again = Recorder(tools.job_object(params=params | {"code": "2"})).finish()
    assert again.configuration.hash == record.configuration.hash
    assert again.id > record.id


def test_the_hash_is_that_of_the_canonical_json():
    made = configuration({"b": '{"y": [1, 2.5], "x": "é"}', "a": True, "code": "c0de"})
    assert made.value == {"a": True, "b": {"x": "é", "y": [1, 2.5]}}
    text = '{"a":true,"b":{"x":"é","y":[1,2.5]}}'
    assert made.hash == hashlib.sha256(text.encode()).hexdigest()
    assert made.hash == configuration({"a": True, "b": {"y": (1, 2.5), "x": "é"}}).hash


def test_every_seed_that_is_named_is_told():
    value = {
        "plan": {"members": {"seed": [3, 1]}, "shared": {"dataset": {"subset_seed": 7}}},
        "runs": [{"seed": 1}, {"seed": 2.0}],
        "seeds": [9],
        "seedling": 4,
        "is_seed": True,
    }
    assert seeds_of(value) == (1, 2, 3, 7, 9)
