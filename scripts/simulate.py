"""Simulate a shard of spring–block chains."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    import json
    from pathlib import Path

    from layeratlas.backends import available_device
    from layeratlas.chains.simulation import simulate_shard
    from layeratlas.runs.plan import ShardPlan, write_plan
    from layeratlas.storage import publish

    plan = ShardPlan.from_json(json.loads(snakemake.params.plan))
    shard = Path(snakemake.output.shard)
    # The ledger entry: a grown grid must find this shard again.
    write_plan(shard.parent, plan)
    total = plan.size * plan.shared["chain"]["steps"]
    with this.progress(total, "chain-steps", f"simulate {snakemake.wildcards.experiment}") as tick:
        # A GPU only where it is asked for: chains are the faster on the CPU but in great number.
        device = available_device("cuda") if this.config.device == "cuda" else "cpu"
        publish(simulate_shard(plan, tick, device=device), shard)
