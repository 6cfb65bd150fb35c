"""Fits: chains that behave as the networks of an experiment's cube do."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from layeratlas.kinds.base import STRICT, Kind


class FitSettings(BaseModel):
    """What is fitted with what; both are experiments of this project."""

    model_config = STRICT

    target: str = Field(description="training experiment whose networks are fitted")
    library: str = Field(
        description="simulation experiment over friction_right and noise_strength to fit with"
    )
    quantity: Literal["load_curve", "trajectory"] = Field(
        "load_curve",
        description="`load_curve`: D_l at the last epoch, rescaled to [0, 1]; `trajectory`: D_l at "
        "every kept epoch under batch statistics, rescaled so that the wall D_0 is at 1 and the "
        "smallest value at 0, with the chain's steps an epoch as a third parameter",
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
