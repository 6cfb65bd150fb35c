"""Fit spring–block chains to the load curves of a network cube."""

from layeratlas.workflow.frame import job

with job(snakemake):
    import json

    from layeratlas.papers.spring_block.fits import fit_cube
    from layeratlas.storage import open_datatree, publish

    given = snakemake.input
    description = json.loads(snakemake.params.plan)["description"]
    with open_datatree(given.target) as network, open_datatree(given.library) as chains:
        fitted = fit_cube(network.load(), chains.load(), description)
    publish(fitted, snakemake.output.cube, objects="store/objects")
