"""Measurements of a shard read from its file, and believed to be those of its runs."""

from __future__ import annotations

import os
from pathlib import Path

import xarray as xr

from layeratlas.bounded.documents import parse_json
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.kinds import KINDS
from layeratlas.runs.ledger import misfit, parse_plan
from layeratlas.runs.sharding import shard_key
from layeratlas.storage.manifest import SUFFIX
from layeratlas.storage.reading import open_datatree


def read_measurements(path: str | os.PathLike[str]) -> xr.DataTree:
    """What was measured of a shard, in memory; its `run_id` are those that its name stands for.

    StoreError where they are not, where the plan that it carries lists others, or where an id of
    that plan is not that of its settings.
    """
    with open_datatree(path) as tree:
        loaded = tree.load()
    if "run_id" not in loaded.to_dataset():
        raise UnreadableError(path, "holds no runs")
    if reason := misfit_of_runs(loaded, path):
        raise UnreadableError(path, reason)
    return loaded


def misfit_of_runs(tree: xr.DataTree, path: str | os.PathLike[str]) -> str | None:
    """In what the runs of a shard's archive are not those of its name, in words; None in nothing.

    Of whatever has runs under `run_id` and perhaps a `plan`: networks trained, chains, probes.
    Nothing is known of what has none.
    """
    key = Path(path).name.removesuffix(SUFFIX)
    root = tree.to_dataset()
    if "run_id" not in root:
        return None
    if root["run_id"].dims != ("run",):
        return "has its runs on a grid, as no shard has"
    ids = root["run_id"].values.tolist()
    if "plan" in tree.attrs:
        try:
            plan = parse_plan(parse_json(str(tree.attrs["plan"]), path), path)
        except StoreError as error:
            return getattr(error, "reason", str(error))
        found, listed = plan.key, list(plan.run_ids)
        kinds = [kind for kind in KINDS.values() if plan.members.keys() <= kind.members.keys()]
        reasons = [misfit(plan, kind.members) for kind in kinds]
        if None not in reasons:
            return next(iter(reasons), "carries a plan of no kind of experiment")
    else:
        # Simulations and probes of earlier versions: their runs and moments are known all the same.
        steps = [node.coords["step"] for node in tree.subtree if "step" in node.coords]
        found, listed = shard_key(ids, steps[0].values.tolist() if steps else (0,)), ids
    if found != key or ids != listed:
        return "does not hold the runs that its name stands for: remove it, and it is made again"
    return None
