"""Walking typed settings: plain values, groups, and the setting that chooses a group's sort."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Discriminator, Tag

from layeratlas.config.leaves import alternatives, choices, groups, leaves, tag_of


class Inner(BaseModel):
    a: int = 1
    b: Literal["x", "y"] | None = None


class Left(BaseModel):
    side: Literal["left"] = "left"
    size: float = 1.0


class Right(BaseModel):
    side: Literal["right"] = "right"
    names: tuple[str, ...] = ()
    inner: Inner | None = None


Side = Annotated[
    Annotated[Left, Tag("left")] | Annotated[Right, Tag("right")],
    Discriminator(lambda given: given.get("side")),
]


class Whole(BaseModel):
    side: Side = Left()
    inner: Inner = Inner()
    word: str | int = "a"


def test_alternatives_by_their_tags():
    assert alternatives(Whole.model_fields["side"].annotation) == {"left": Left, "right": Right}
    assert alternatives(Inner | None) == {"": Inner}
    assert alternatives(int | None) == {}


def test_leaves_are_plain_values_of_any_alternative():
    found = leaves(Whole)
    assert list(found) == [
        ("side", "side"),
        ("side", "size"),
        ("side", "inner", "a"),
        ("side", "inner", "b"),
        ("inner", "a"),
        ("inner", "b"),
        ("word",),
    ]  # a list is no plain value
    assert [field.default for field in found["side", "side"]] == ["left", "right"]
    assert list(groups(Whole)) == [("side",), ("side", "inner"), ("inner",)]


def test_a_choice_of_words():
    found = leaves(Whole)
    assert choices(found["side", "side"]) and choices(found["inner", "b"])
    assert not choices(found["word",]) and not choices(found["inner", "a"])


def test_the_setting_that_chooses_between_alternatives():
    assert tag_of(Whole, ("side", "side")) == {"left": Left, "right": Right}
    for path in [("side", "size"), ("inner", "b"), ("word",)]:
        assert tag_of(Whole, path) == {}
