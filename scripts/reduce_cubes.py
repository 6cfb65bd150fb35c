"""Reduce the cubes of other experiments to one, by the function that the experiment names."""

from layeratlas.workflow.frame import job

with job(snakemake):
    import json
    from functools import partial

    from layeratlas.cubes.reducing import reduce_cubes
    from layeratlas.kinds.reduction import ReductionSettings
    from layeratlas.storage import open_datatree, publish
    from layeratlas.tables import resolve

    description = json.loads(snakemake.params.plan)["description"]
    asked = ReductionSettings.model_validate(description["settings"]["reduction"])
    cubes = {}
    for name, path in zip(asked.of, snakemake.input.cubes, strict=True):
        with open_datatree(path) as tree:
            cubes[name] = tree.load()
    made = reduce_cubes(partial(resolve(asked.reference), **asked.settings), cubes, description)
    publish(made, snakemake.output.cube, objects="store/objects")
