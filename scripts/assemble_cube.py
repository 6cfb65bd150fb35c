"""Assemble the cube of an experiment from the measurements of its shards."""

from layeratlas.workflow.job import job

with job(snakemake) as this:  # noqa: F821
    import json

    from layeratlas.cube import assemble
    from layeratlas.storage import open_datatree, publish

    plan = json.loads(snakemake.params.plan)  # noqa: F821
    files = snakemake.input.measurements  # noqa: F821

    def measured():
        for file in files:
            with open_datatree(file) as tree:
                yield tree.load()

    cube = assemble(plan["description"], plan["runs"], measured())
    publish(cube, snakemake.output.cube, objects="store/objects")  # noqa: F821
