"""What planning asks of modules of users: that there is a text, and that it can be trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import ConfigError
from layeratlas.networks.module.identity import source_of
from layeratlas.networks.module.settings import ModuleSettings
from layeratlas.networks.module.trial import tried
from layeratlas.runs.run import Run, canonical_json
from layeratlas.words import quoted


def refuse_unreadable(model: Any, where: str) -> None:
    """ConfigError where a module's reference stands for nothing; nothing is run."""
    if isinstance(model, ModuleSettings):
        try:
            source_of(model)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None


def prove(runs: Sequence[Run], measure: Any, where: str) -> None:
    """Try the modules that these runs train; ConfigError for one that cannot be trained."""
    asked = {
        canonical_json([run.settings["model"], run.settings["dataset"]]): run.settings
        for run in runs
        if run.settings["model"]["family"] == "module"
    }
    for settings in asked.values():
        data = recipe_of(settings["dataset"])
        try:
            tokens = data.input_kind == "tokens"
            found = tried(settings["model"], data.input_shape, data.n_outputs, tokens=tokens)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
        if "batch_statistics" in measure.modes and not found["batch_norm"]:
            raise ConfigError(
                f"{where}: measure: 'batch_statistics' needs a network with batch "
                f"norm, and {quoted(settings['model']['from'])} has none"
            )
