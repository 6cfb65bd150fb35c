"""Assemble the cube of an experiment from the measurements of its shards."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    import json

    from layeratlas.cubes.assembling import assemble
    from layeratlas.storage import open_datatree, publish

    plan = json.loads(snakemake.params.plan)
    files = snakemake.input.measurements

    def measured():
        for file in files:
            with open_datatree(file) as tree:
                yield tree.load()

    cube = assemble(plan["description"], plan["runs"], measured())
    publish(cube, snakemake.output.cube, objects="store/objects")
