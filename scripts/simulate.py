"""Simulate a shard of spring–block chains."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    import json
    from pathlib import Path

    from layeratlas.backends import available_device
    from layeratlas.chains.simulation import simulate_shard
    from layeratlas.runs.plan import ShardPlan
    from layeratlas.storage import publish, write_json_atomic

    plan = ShardPlan.from_json(json.loads(snakemake.params.plan))
    shard = Path(snakemake.output.shard)
    # The ledger entry: a grown grid must find this shard again.
    write_json_atomic(shard.with_name(f"{plan.key}.plan.json"), plan.to_json())
    total = plan.size * plan.shared["chain"]["steps"]
    with this.progress(total, "chain-steps", f"simulate {snakemake.wildcards.experiment}") as tick:
        # A GPU only where it is asked for: chains are the faster on the CPU but in great number.
        device = available_device("cuda") if this.config.device == "cuda" else "cpu"
        publish(simulate_shard(plan, tick, device=device), shard)
