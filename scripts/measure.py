"""Measure every checkpoint of a trained shard."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    import json

    from layeratlas.backends import get_backend
    from layeratlas.datasets.in_place import whole
    from layeratlas.measure import measure_shard
    from layeratlas.networks.registry import needs_torch
    from layeratlas.runs.plan import ShardPlan
    from layeratlas.runs.records import parsed
    from layeratlas.storage import open_dataset, open_datatree, publish

    params, given = snakemake.params, snakemake.input
    asked = json.loads(params.measure)
    plan = ShardPlan.from_json(json.loads(params.plan))
    with (
        open_datatree(given.shard) as trained,
        open_dataset(given.data) as dataset,
        this.progress(plan.size, "runs", f"measure {snakemake.wildcards.experiment}") as tick,
    ):
        measured = measure_shard(
            plan,
            # Large weights are read network by network, small ones at once.
            trained.load() if trained.nbytes < 2**28 else trained,
            whole(dataset.load()),
            metrics=asked["metrics"],
            batch_norm_modes=asked["batch_norm_modes"],
            step_images=asked.get("step_images"),
            views=asked.get("views"),
            evaluation_images=asked.get("evaluation_images"),
            parts=asked.get("parts"),
            maps=asked.get("maps"),
            start_only=asked.get("start_only", False),
            moments=[parsed(told) for told in asked["moments"]] if "moments" in asked else None,
            backend=get_backend(
                this.config.device, plan.shared["dtype"], torch=needs_torch(plan.shared["model"])
            ),
            progress=tick,
        )
    publish(measured, snakemake.output.measurement)
