"""Plain settings: later ones at their default leave no trace."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from layeratlas.runs.settings import LATER, plain_settings


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
