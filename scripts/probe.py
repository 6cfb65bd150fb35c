"""Probe a shard of networks: what one gradient step does to their features."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    import json
    from pathlib import Path

    from layeratlas.probes.shard import probe_shard
    from layeratlas.runs.plan import ShardPlan, write_plan
    from layeratlas.storage import publish

    plan = ShardPlan.from_json(json.loads(snakemake.params.plan))
    shard = Path(snakemake.output.shard)
    # The ledger entry: a grown grid must find this shard again.
    write_plan(shard.parent, plan)
    with this.progress(plan.size, "runs", f"probe {snakemake.wildcards.experiment}") as tick:
        publish(probe_shard(plan, tick), shard)
