"""Export a figure with its data, code reference and parameters as a research object."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from layeratlas.provenance.crate.export import export_crate

    export_crate(snakemake.input.figure[0], snakemake.output.crate, root=".")
