"""Fits: chains that behave as the networks of an experiment's cube do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from layeratlas.errors import ConfigError
from layeratlas.kinds.base import STRICT, Kind, RunSettings
from layeratlas.kinds.simulation import FirstOrderChain
from layeratlas.networks.settings import MLPSettings
from layeratlas.runs.records import all_epochs
from layeratlas.words import listed, quoted, suggestion


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


class FitRun(RunSettings):
    """A fit has no grid of its own: its axes are its target's."""

    fit: FitSettings
    seed: int = Field(1, ge=0, lt=2**63)


#: Axes that the chains of a library must vary.
LIBRARY_AXES = ("friction_right", "noise_strength")
#: Steps that they must keep for trajectories: straight lines between fewer are no motion.
LIBRARY_STEPS = 10


def _check_among(experiment: Any, known: Mapping[str, Any], where: str) -> None:
    """The target and the library of a fit must be there, and have what is fitted."""
    fit = FitSettings.model_validate(experiment.settings["fit"])
    for role, name, kind, axes in (
        ("target", fit.target, "training", ()),
        ("library", fit.library, "simulation", LIBRARY_AXES),
    ):
        if name not in known or known[name].kind != kind:
            names = [other for other, e in known.items() if e.kind == kind]
            raise ConfigError(
                f"{where}: fit.{role}: {quoted(name)} is no {kind} experiment; "
                f"{suggestion(name, names)}there are: {listed(names, 110)}"
            )
        if missing := [axis for axis in axes if axis not in known[name].grid]:
            raise ConfigError(f"{where}: fit.{role}: {name!r} has no axis {', '.join(missing)}")
    _check_lengths(known[fit.target], known[fit.library], where)
    if fit.quantity == "trajectory":
        _check_trajectories(known[fit.target], known[fit.library], where)


def _check_lengths(target: Any, library: Any, where: str) -> None:
    """A chain stands for a network of one linear map more, the read-out: L blocks, L + 1 maps."""
    maps = _values(target, "model", "depth", MLPSettings.model_fields["depth"].default)
    blocks = _values(library, "chain", "length", FirstOrderChain.model_fields["length"].default)
    if len(maps) > 1 or blocks != {depth - 1 for depth in maps}:
        raise ConfigError(
            f"{where}: fit.library: the chains of {library.name!r} have {_told(blocks)} blocks, "
            f"the networks of {target.name!r} {_told(maps)} linear maps; a fit needs one depth "
            "and chain.length one less"
        )


def _values(experiment: Any, section: str, name: str, default: int) -> set[int]:
    """The values of a setting in an experiment, that are one where it is no axis."""
    fixed = experiment.settings.get(section, {}).get(name, default)
    return set(experiment.grid.get(name, (fixed,)))


def _told(values: set[int]) -> str:
    return listed(sorted(values), 40)


def _check_trajectories(target: Any, library: Any, where: str) -> None:
    """A trajectory needs moments on both sides, and networks measured as chains are."""
    where = f"{where}: fit.quantity 'trajectory'"
    if not all_epochs(target.checkpoints):
        raise ConfigError(
            f"{where}: {target.name!r} is kept at record points, and a trajectory goes through "
            "epochs; give it e.g. `checkpoints: {every: 1}`"
        )
    if len(target.checkpoints) < 2:
        raise ConfigError(
            f"{where}: {target.name!r} keeps one checkpoint, epoch {target.checkpoints[0]}, and no "
            "trajectory; give it e.g. `checkpoints: {every: 1}`"
        )
    if "batch_statistics" not in target.measure.batch_norm_modes:
        raise ConfigError(
            f"{where}: {target.name!r} is not measured with batch statistics; add "
            "'batch_statistics' to its measure.batch_norm_modes"
        )
    kept = len(library.checkpoints)
    if kept < LIBRARY_STEPS or library.checkpoints[0] != 0:
        raise ConfigError(
            f"{where}: {library.name!r} keeps {kept} step{'s' if kept > 1 else ''} from step "
            f"{library.checkpoints[0]} on; chains are read between their kept steps, so it must "
            f"keep step 0 and at least {LIBRARY_STEPS} steps in all"
        )


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
    reads=lambda settings: {role: settings["fit"][role] for role in ("target", "library")},
    check_among=_check_among,
)
