"""What planning asks of networks of users: that there is a text, and that it can be trained.

And that it has the affine maps that metrics are of: of a family of the project settings tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import ConfigError
from layeratlas.metrics.registry import get_metric
from layeratlas.networks.affine import Affine, chosen_maps, stack_of, with_parts
from layeratlas.networks.module.identity import source_of
from layeratlas.networks.module.settings import ModuleSettings
from layeratlas.networks.module.trial import tried
from layeratlas.networks.registry import create_family
from layeratlas.runs.run import Run, canonical_json
from layeratlas.words import quoted, shortened


def refuse_unreadable(model: Any, where: str) -> None:
    """ConfigError where a module's reference stands for nothing; nothing is run."""
    if isinstance(model, ModuleSettings):
        try:
            source_of(model)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None


def prove(runs: Sequence[Run], measure: Any, where: str) -> None:
    """Try the networks of users that these runs train; ConfigError for one that cannot be trained.

    And for one with fewer affine maps than a metric is of, or without those that `measure.maps`
    names, which only the network itself tells.
    """
    if measure.maps is not None or measure.parts is not None:
        _refuse_unknown_maps(runs, measure, where)
    asked = {
        canonical_json([run.settings["model"], run.settings["dataset"]]): run.settings
        for run in runs
        if run.settings["model"].get("depth") is None
    }
    most = max(measure.metrics, key=lambda name: get_metric(name).maps)
    needed = get_metric(most).maps
    for settings in asked.values():
        model, data = settings["model"], recipe_of(settings["dataset"])
        tokens = data.input_kind == "tokens"
        given = model, data.input_shape, data.n_outputs
        if model["family"] != "module":
            name, maps = repr(model["family"]), _maps_of(*given, tokens, where) if needed else 0
        else:
            try:
                found = tried(*given, tokens=tokens)
            except ConfigError as error:
                raise ConfigError(f"{where}: {error}") from None
            name, maps = quoted(model["from"]), found["maps"] if needed else 0
            if "batch_statistics" in measure.modes and not found["batch_norm"]:
                raise ConfigError(
                    f"{where}: measure: 'batch_statistics' needs a network with batch "
                    f"norm, and {name} has none"
                )
        if maps < needed:
            raise ConfigError(
                f"{where}: measure.metrics: {most!r} is of networks with at least {needed} named "
                f"affine map{'s' * (needed > 1)}, and {name} has {maps or 'none'}; leave it out"
            )


def _refuse_unknown_maps(runs: Sequence[Run], measure: Any, where: str) -> None:
    """ConfigError for a pattern that matches no affine map of some network, or none with parts."""
    asked = {
        canonical_json([run.settings["model"], run.settings["dataset"]]): run.settings
        for run in runs
    }
    for settings in asked.values():
        model, data = settings["model"], recipe_of(settings["dataset"])
        affines = stack_of(model)
        given, tokens = (model, data.input_shape, data.n_outputs), data.input_kind == "tokens"
        if model["family"] == "module":
            # Of the trial, which is kept: a network is not made at every start to name its maps.
            try:
                found = tried(*given, tokens=tokens)["affines"]
            except ConfigError as error:
                raise ConfigError(f"{where}: {error}") from None
            affines = tuple(Affine(**one) for one in found)
        elif affines is None:
            affines = create_family(*given, tokens=tokens).affines
        key = "parts"
        try:
            affines = with_parts(affines, measure.parts)
            for i, pattern in enumerate(measure.maps or ()):
                key = f"maps[{i}]"
                chosen_maps(affines, [pattern])
        except ValueError as error:
            raise ConfigError(f"{where}: measure.{key}: {error}") from None


def _maps_of(
    model: Mapping[str, Any], shape: Sequence[int], n_outputs: int, tokens: bool, where: str
) -> int:
    """Affine maps on the main path of a family that is not the project's."""
    try:
        family = create_family(model, shape, n_outputs, tokens=tokens)
        return sum(1 for affine in family.affines if affine.main_path and affine.kind != "scale")
    except Exception as error:
        told = shortened(f"{type(error).__name__}: {error}", 160)
        raise ConfigError(f"{where}: model.family: {model['family']!r} fails: {told}") from None
