"""What a kind of experiment is: its settings, and what the planner must know of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from layeratlas.kinds.memory import Need
from layeratlas.runs.settings import plain_settings

STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class RunSettings(BaseModel):
    """Everything that determines the numbers of one run, its `seed` among them."""

    model_config = STRICT

    def canonical(self) -> dict[str, Any]:
        """Plain JSON that is hashed into the run's id; the seed changes its own key alone."""
        return without_negative_zero(self.plain())

    def plain(self) -> dict[str, Any]:
        """Plain JSON without the settings that came later and are at their default.

        So runs keep the ids that they had before there were such settings (`runs.settings`).
        """
        return plain_settings(self)


@dataclass(frozen=True)
class Kind:
    """One kind of experiment.

    `settings` types one run; `sections` are the top-level keys of the YAML file that make it up.
    `members` are the settings that may differ inside a shard, name → path; all others are shared.
    `horizon` tells a run's last recordable `moment` (epoch, step) and the setting that says so; a
    kind whose moments have `steps` inside them may have record points (`runs.records`). `prepare`
    resolves shorthands in the raw settings, `check(run, measure, where)` refuses what a run cannot
    give, `check_among(experiment, known, where)` what an experiment cannot do with the others of
    its folder, by name; all raise ConfigError. `prove(runs, measure, where)` does so for what only
    a try can tell, when an experiment is planned. `memory(run)` says what a job of such runs must
    hold at once; `sized_by` are the members that it depends on, and `again(settings)` undoes what
    `canonical` did to a run's settings. A kind without a grid (`has_grid`) takes its axes from
    elsewhere. Runs that agree in the members `together` share work, so they should share a job.
    `recorded` names the numbers that its results hold, where no `measure` section does.
    `reads(settings)` are the experiments whose cubes its results are made of, by what they are to
    it, and `entries(settings)` code that its job finds by name. `stage` is the rule that makes an
    experiment's results, under `results/<preset>/<folder>/`. `seed` says what the seed of a run
    fixes. `flop(settings)` is what a run costs, None where nobody can tell (`kinds.cost`).
    `internal` are settings that no experiment gives; `shorthands` are keys that stand for the
    settings of the axis of that name.
    """

    name: str
    settings: type[RunSettings]
    sections: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    horizon: Callable[[Any], tuple[str, int]]
    moment: str
    stage: str
    folder: str
    shard_size: int
    measured: bool
    has_grid: bool = True
    seed: str = "seed"
    recorded: tuple[str, ...] = ()
    internal: tuple[tuple[str, ...], ...] = ()
    shorthands: tuple[tuple[str, ...], ...] = ()
    together: tuple[str, ...] = ()
    prepare: Callable[[dict[str, Any], str], dict[str, Any]] = lambda settings, where: settings
    check: Callable[..., None] = lambda run, measure, where: None
    prove: Callable[..., None] = lambda runs, measure, where: None
    memory: Callable[[Any], tuple[Need, ...]] = lambda run: ()
    sized_by: tuple[str, ...] = ()
    again: Callable[[dict[str, Any]], dict[str, Any]] = lambda settings: settings
    steps: Callable[[Any], int] | None = None
    check_among: Callable[..., None] = lambda experiment, known, where: None
    reads: Callable[[Mapping[str, Any]], Mapping[str, str]] = lambda settings: {}
    entries: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda settings: ()
    flop: Callable[[Mapping[str, Any]], float | None] = lambda settings: None

    def typed(self, settings: Mapping[str, Any]) -> RunSettings:
        """The run whose canonical settings these are; ValueError where there is none."""
        return self.settings.model_validate(self.again(dict(settings)))


def without_negative_zero(value: Any) -> Any:
    """-0.0 is the same setting as 0.0 and must give the same run id."""
    if isinstance(value, dict):
        return {key: without_negative_zero(inner) for key, inner in value.items()}
    return value + 0.0 if isinstance(value, float) else value
