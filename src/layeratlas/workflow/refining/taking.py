"""Runs that other cubes have already."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.config.expansion import expand
from layeratlas.errors import LayerAtlasError, StoreError
from layeratlas.workflow.jobs import cube_job

if TYPE_CHECKING:
    from layeratlas.workflow.planning import Workflow

__all__ = ["runs_elsewhere"]


def runs_elsewhere(workflow: Workflow, experiment: str, wanted: Iterable[str]) -> dict[str, tuple]:
    """Of the runs `wanted` by an experiment, those that cubes of other experiments have: name →
    ids.

    Of cubes that are there and up to date, of the same kind, measured in the same way at the same
    moments. Each run is taken from the first of them, by name; none from a cube that is itself made
    of this experiment's.
    """
    from layeratlas.cubes.taking import has_plain_layers, run_ids
    from layeratlas.storage import open_datatree

    own = workflow.experiments[experiment]
    left = set(wanted)
    found: dict[str, tuple] = {}
    for name in workflow.experiments:
        path = Path(f"{workflow.results}/cubes/{name}.zarr.zip")
        if not left or name == experiment or workflow.experiments.kinds[name] != own.kind:
            continue
        if not path.exists() or experiment in _ancestors(workflow, name):
            continue
        other = workflow.experiments[name]
        if (other.measured(), other.keeps) != (own.measured(), own.keeps):
            continue
        # Expanded by itself: it need not be right in all else to be looked at.
        theirs = left & {run.id for run in expand(workflow.at_points(name))}
        if not theirs or not _is_current(workflow, name):
            continue
        try:
            with open_datatree(path) as cube:
                ids = theirs & run_ids(cube) if has_plain_layers(cube) else set()
        except StoreError:
            continue
        if ids:
            found[name] = tuple(sorted(ids))
            left -= ids
    return found


def _ancestors(workflow: Workflow, name: str) -> set[str]:
    """An experiment, and those whose cubes its own is made of."""
    found, todo = set(), [name]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo.extend(workflow.taken_from(one))
    return found


def _is_current(workflow: Workflow, name: str) -> bool:
    try:
        return not workflow.receipts.reason(*cube_job(workflow, name))
    except LayerAtlasError:
        return False
