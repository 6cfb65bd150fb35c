"""Settings as plain JSON: what a run's id is the hash of.

A setting that was added after runs had been given ids is marked so:

    weight_decay: Annotated[float, LATER] = Field(0.0, description="…")

At its default it is left out of the plain JSON, so that runs which do not use it keep the ids that
they had before there was such a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

__all__ = ["LATER", "plain_settings"]


class _Later:
    """Marks a field as one that came later."""

    def __repr__(self) -> str:
        return "LATER"


LATER = _Later()
"""For `Annotated[type, LATER]`: left out of a run's plain settings where it is at its default."""


def plain_settings(model: BaseModel) -> dict[str, Any]:
    """Plain JSON of typed settings, at every depth without later ones at their default."""
    return _without(model, model.model_dump(mode="json"))


def _without(model: BaseModel, plain: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if LATER in field.metadata and value == field.get_default(call_default_factory=True):
            continue
        inner = plain[name]
        if isinstance(value, BaseModel) and isinstance(inner, Mapping):
            inner = _without(value, dict(inner))
        kept[name] = inner
    return kept
