"""Fits: chains whose load curves are those of a network experiment's cube."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from layeratlas.kinds.base import STRICT, Kind


class FitSettings(BaseModel):
    """What is fitted with what; both are experiments of this project."""

    model_config = STRICT

    target: str = Field(description="training experiment whose load curves are fitted")
    library: str = Field(
        description="simulation experiment over friction_right and noise_strength to fit with"
    )


class FitRun(BaseModel):
    """A fit has no grid of its own: its axes are its target's."""

    model_config = STRICT

    fit: FitSettings
    seed: int = 1

    def canonical(self) -> dict[str, Any]:
        """Plain JSON that is hashed into the id."""
        return self.model_dump(mode="json")


FIT = Kind(
    name="fit",
    settings=FitRun,
    sections=("fit",),
    members={"seed": ("seed",)},
    horizon=lambda run: ("fit", 0),
    moment="moment",
    stage="fit_springs",
    folder="fits",
    shard_size=1,
    measured=False,
    has_grid=False,
)
