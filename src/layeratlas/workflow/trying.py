"""An experiment in this process, without files: for a notebook, or a first look at a small grid.

What is computed is what the jobs compute, by the same functions, so numbers are those of the
pipeline. Nothing is written, nothing goes on record, and nothing is gone on with after an
interruption: that is what the pipeline is for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layeratlas.errors import ConfigError
from layeratlas.extending.places import base
from layeratlas.words import listed, quoted, suggestion
from layeratlas.workflow.planning import Workflow

if TYPE_CHECKING:
    import xarray as xr

    from layeratlas.backends.base import Device
    from layeratlas.runs.plan import ShardPlan

__all__ = ["try_out"]


def try_out(
    experiment: str,
    preset: str = "smoke",
    experiments: str | os.PathLike[str] | None = None,
    **config: Any,
) -> xr.DataTree:
    """The cube of an experiment, computed here and now, in memory.

    `experiments` is the folder of its file, by default `config/experiments` of the project;
    `config` are settings of `config/config.yaml`, as `device` and `data_dir`. Takes as long as the
    trainings do, one after the other. ConfigError where the file is refused, where there is no
    experiment of that name, or where its cube is made of other cubes (fits and reductions).
    """
    from layeratlas.cubes.assembling import assemble

    folder = None if experiments is None else Path(experiments)
    workflow = Workflow({"preset": preset, **config}, base(), experiments=folder, checks="asked")
    if experiment not in workflow.experiments:
        near = suggestion(experiment, workflow.experiments)
        raise ConfigError(
            f"there is no experiment {quoted(experiment)}; {near}"
            f"experiments: {listed(workflow.experiments)}"
        )
    # Shards that the pipeline has finished may be cut otherwise, and hold more.
    workflow.results = Path(os.devnull) / preset
    plan = json.loads(workflow.cube_plan(experiment))
    return assemble(plan["description"], plan["runs"], _results(workflow, experiment))


def _results(workflow: Workflow, experiment: str) -> Iterator[xr.DataTree]:
    kind = workflow.kind(experiment)
    if not kind.has_grid:
        raise ConfigError(
            f"the cube of {quoted(experiment)} is made of other cubes: "
            f"snakemake results/{workflow.config.preset}/cubes/{experiment}.zarr.zip"
        )
    datasets: dict[str, xr.Dataset] = {}
    for plan in workflow.shards(experiment):
        if kind.stage == "simulate":
            from layeratlas.chains.simulation import simulate_shard

            yield simulate_shard(plan)
        elif kind.stage == "probe":
            from layeratlas.probes.shard import probe_shard

            yield probe_shard(plan)
        else:
            key = workflow.dataset_key(plan)
            if key not in datasets:
                datasets[key] = _prepared(workflow, key)
            asked = json.loads(workflow.measure_json(experiment, plan.key))
            yield _trained(plan, datasets[key], asked, workflow.config.device)


def _prepared(workflow: Workflow, key: str) -> xr.Dataset:
    from layeratlas.datasets.preparation import prepare
    from layeratlas.datasets.recipe import recipe_of

    given = workflow.config
    return prepare(
        recipe_of(workflow.recipe(key)),
        data_dir=given.data_dir,
        cache_dir=given.cache_dir,
        download=given.download,
    )


def _trained(
    plan: ShardPlan, dataset: xr.Dataset, asked: Mapping[str, Any], device: Device
) -> xr.DataTree:
    """Measurements of a shard that is trained here."""
    from layeratlas.backends import get_backend
    from layeratlas.engine import archive
    from layeratlas.engine.loop import train_shard
    from layeratlas.measure import measure_shard
    from layeratlas.networks.registry import create_family, needs_torch
    from layeratlas.runs.records import parsed

    images, targets = dataset["train_inputs"].values, dataset["train_targets"].values
    n_outputs = int(dataset.attrs["n_outputs"])
    model = plan.shared["model"]
    backend = get_backend(device, plan.shared["dtype"], torch=needs_torch(model))
    result = train_shard(plan, images, targets, n_outputs=n_outputs, backend=backend)
    tokens = images.dtype.kind != "f"
    family = create_family(model, images.shape[1:], n_outputs, tokens=tokens)
    trained = archive.to_tree(plan, family, result, "tried out")
    wanted = dict(asked)
    if "moments" in wanted:
        wanted["moments"] = [parsed(told) for told in wanted["moments"]]
    return measure_shard(plan, trained, dataset, backend=backend, **wanted)
