"""Assemble the cube of points of an experiment that is refined, with what they say of its
boundary.
"""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    import json
    from itertools import chain

    from layeratlas.cubes.assembling import assemble
    from layeratlas.cubes.measurements import read_measurements
    from layeratlas.cubes.taking import runs_of_cube
    from layeratlas.refining.quantities import values_of
    from layeratlas.refining.results import with_boundary
    from layeratlas.storage import open_datatree, publish

    plan, quantity = json.loads(snakemake.params.plan), snakemake.params.quantity
    wanted = {run["id"] for run in plan["runs"]}
    measured = map(read_measurements, snakemake.input.measurements)
    taken = (runs_of_cube(open_datatree(path), wanted) for path in snakemake.input.taken)
    cube = assemble(plan["description"], plan["runs"], chain(measured, taken))
    description = plan["description"]
    values = values_of(cube, quantity["function"], description["refine"]["of"])
    cube = with_boundary(cube, description, values, quantity["long_name"])
    publish(cube, snakemake.output.cube, objects="store/objects")
