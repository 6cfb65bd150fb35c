"""Plain settings: later ones at their default leave no trace."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from layeratlas.runs.settings import LATER, declared, own_settings, plain_settings


class _Inner(BaseModel):
    old: float = 1.0
    new: Annotated[float | None, LATER] = Field(2.0, ge=0, description="came later")


class _Outer(BaseModel):
    section: _Inner = _Inner()
    names: Annotated[tuple[str, ...], LATER] = Field(default_factory=tuple)
    seed: int = 1


def test_at_their_default_they_are_left_out_at_every_depth():
    assert plain_settings(_Outer()) == {"section": {"old": 1.0}, "seed": 1}


def test_anything_else_stays():
    asked = _Outer(section=_Inner(new=None), names=("a",))
    assert plain_settings(asked) == {
        "section": {"old": 1.0, "new": None}, "names": ["a"], "seed": 1,
    }  # fmt: skip


DECLARED = {
    "decay": 0.9, "steps": (int, Field(ge=1)), "rule": "cap", "constants": [1.0], "other": None,
}  # fmt: skip


def test_settings_of_an_entry_are_completed_by_its_defaults():
    given = {"steps": 3, "decay": 1, "constants": [2, 0.5]}
    assert own_settings(DECLARED, given, "thing 'x'") == {
        "decay": 1.0, "steps": 3, "rule": "cap", "constants": [2.0, 0.5], "other": None,
    }  # fmt: skip
    assert own_settings({}, {}, "thing 'x'") == {}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "steps: missing; thing 'x' has no default for it"),
        ({"steps": 0}, "steps: input should be greater than or equal to 1; got 0"),
        ({"steps": 1, "decay": "0.9"}, "decay: input should be a valid number; got '0.9'"),
        ({"steps": 1, "decay": True}, "decay: input should be a valid number; got True"),
        ({"steps": 1, "decay": float("nan")}, "decay: input should be a finite number; got nan"),
        ({"steps": 1, "constants": [1, "a"]}, "constants.1: input should be a valid number; got"),
        ({"steps": 1, "deca": 1.0}, "deca: unknown setting of thing 'x'; did you mean 'decay'?"),
    ],
)
def test_wrong_settings_of_an_entry_are_told(given, told):
    with pytest.raises(ValueError) as refused:
        own_settings(DECLARED, given, "thing 'x'")
    assert str(refused.value).startswith(told)


def test_an_entry_without_settings_says_so():
    with pytest.raises(ValueError, match="a: unknown setting of thing 'x'; it has none"):
        own_settings({}, {"a": 1}, "thing 'x'")


def test_a_model_is_made_once_of_a_declaration_and_anew_of_another():
    """Also of one that is like it, or that has come to be another."""
    settings = {"decay": 0.9, "steps": (int, Field(2, ge=1))}
    assert declared(settings) is declared(dict(settings))
    assert declared({**settings, "steps": (int, Field(2, ge=1))}) is not declared(settings)
    settings["steps"] = (int, Field(2, ge=5))
    with pytest.raises(ValueError, match="steps: input should be greater than or equal to 5"):
        own_settings(settings, {"steps": 3}, "thing 'x'")
    del settings["steps"]
    with pytest.raises(ValueError, match="steps: unknown setting"):
        own_settings(settings, {"steps": 7}, "thing 'x'")
