"""Which entries of the tables a training uses: code that others do not run.

The tables (`TABLES`) find their entries by name, "module:name", so following imports neither meets
an entry nor may count a table: what a stage depends on is its own code, and the entries that its
settings name. Light to import: the workflow asks at every start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from layeratlas.engine.optimizers.registry import OPTIMIZERS
from layeratlas.engine.schedules.registry import SCHEDULES
from layeratlas.losses.registry import LOSSES
from layeratlas.networks.entries import forward_entries, network_entries
from layeratlas.networks.scaling_names import CALIBRATED

# Modules that no fingerprint counts: a new entry must not re-run what does not use it.
TABLES = (
    "layeratlas.datasets.generators.registry",
    "layeratlas.datasets.registry",
    "layeratlas.engine.optimizers.registry",
    "layeratlas.engine.schedules.registry",
    "layeratlas.losses.registry",
    "layeratlas.networks.activations.registry",
    "layeratlas.networks.initialization.registry",
    "layeratlas.networks.registry",
    "layeratlas.signals.listed",
    "layeratlas.signals.registry",
    "layeratlas.signals.signal",
)

_SCALED = "layeratlas.engine.scaled_start"
_CALIBRATED = "layeratlas.engine.calibrated_layers"


def training_entries(runs: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Entries that trainings with these resolved settings run, besides the loop.

    `runs` are the settings of runs (`layeratlas.runs.run.Run.settings`), of one or of a whole grid,
    which may vary any of them. KeyError for a name that is in no table.
    """
    runs, found = tuple(runs), set()
    for optimizer, loss, scaling in _chosen(runs):
        found |= {OPTIMIZERS[optimizer].code, LOSSES[loss].code, *_start(scaling)}
    found |= network_entries((run["model"] for run in runs), starts=True)
    for run in runs:
        found |= {SCHEDULES[part["name"]].code for part in run["training"].get("schedule", ())}
    return tuple(sorted(found))


def measuring_entries(
    runs: Iterable[Mapping[str, Any]], uses: Collection[str] = ()
) -> tuple[str, ...]:
    """Entries that measuring these trainings runs, besides the metrics and their signals.

    `uses` is what the signals say that they use (`layeratlas.signals.registry.Signal.uses`): the
    family's differentiable `forward`, the `start` with the learning rates that training began with.
    """
    runs = tuple(runs)
    found = network_entries((run["model"] for run in runs), starts=False)
    if "forward" in uses:
        found |= forward_entries(run["model"] for run in runs)
    for _, loss, scaling in _chosen(runs):
        found.add(LOSSES[loss].code)
        if "start" in uses:
            found |= {"layeratlas.engine.start", *_start(scaling)}
    return tuple(sorted(found))


def _chosen(runs: Iterable[Mapping[str, Any]]) -> set[tuple[str, str, str | None]]:
    """Optimiser, loss and scaling of every run."""
    return {
        (
            run["training"]["optimizer"],
            run["training"]["loss"],
            run["scaling"]["name"] if run.get("scaling") else None,
        )
        for run in runs
    }


def _start(scaling: str | None) -> tuple[str, ...]:
    if scaling is None:
        return ()
    return (_SCALED, _CALIBRATED) if scaling == CALIBRATED else (_SCALED,)
