"""Assemble the cube of an experiment from the measurements of its shards."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    import json

    from layeratlas.cubes.assembling import assemble
    from layeratlas.cubes.measurements import read_measurements
    from layeratlas.storage import publish

    plan = json.loads(snakemake.params.plan)
    measured = map(read_measurements, snakemake.input.measurements)
    cube = assemble(plan["description"], plan["runs"], measured)
    publish(cube, snakemake.output.cube, objects="store/objects")
