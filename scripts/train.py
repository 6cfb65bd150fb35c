"""Train a shard of networks, going on from its last checkpoint if there is one.

Asked to stop, or near the end of its allocation, it leaves a checkpoint first.
"""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    import json
    from functools import partial
    from pathlib import Path

    from layeratlas.backends import get_backend
    from layeratlas.datasets.in_place import whole
    from layeratlas.engine import archive, checkpoint
    from layeratlas.engine.kept import KeptInFile
    from layeratlas.engine.loop import train_shard
    from layeratlas.networks.registry import create_family, needs_torch
    from layeratlas.runs.plan import ShardPlan, write_plan
    from layeratlas.storage import open_dataset, publish, read_manifest

    params, output = snakemake.params, snakemake.output
    plan = ShardPlan.from_json(json.loads(params.plan))
    # The ledger entry comes first: a killed job must find its own shard again.
    folder = Path(output.shard).parent
    write_plan(folder, plan)

    data_hash = read_manifest(snakemake.input.manifest).content_hash
    backend = get_backend(
        this.config.device, plan.shared["dtype"], torch=needs_torch(plan.shared["model"])
    )
    identity = f"{plan.key} {params.code} {data_hash} {backend.device}"
    state_file = folder / f"{plan.key}.state.npz"
    with open_dataset(snakemake.input.data) as stored:
        dataset = whole(stored)
        images = dataset["train_inputs"].values
        targets = dataset["train_targets"].values
        n_outputs = int(dataset.attrs["n_outputs"])
    # Weights stream to a file: those of a shard may be more than memory holds.
    weights_file = folder / f"{plan.key}.state.weights"
    total = plan.size * plan.shared["training"]["epochs"]
    with (
        this.progress(total, "network-epochs", f"train {snakemake.wildcards.experiment}") as tick,
        this.stopping() as stop,
    ):
        result = train_shard(
            plan,
            images,
            targets,
            n_outputs=n_outputs,
            backend=backend,
            resume=checkpoint.load(state_file, identity),
            save=lambda arrays: checkpoint.save(state_file, identity, arrays),
            save_every=this.config.save_every,
            progress=tick,
            kept=partial(KeptInFile, weights_file),
            stop=stop.asked,
        )
    tokens = images.dtype.kind != "f"
    family = create_family(plan.shared["model"], images.shape[1:], n_outputs, tokens=tokens)
    title = f"{snakemake.wildcards.experiment}, shard {plan.key}"
    publish(archive.to_tree(plan, family, result, title), output.shard)
    this.afterwards(lambda: state_file.unlink(missing_ok=True))
    this.afterwards(result.kept.discard)
