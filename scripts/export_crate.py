"""Export a figure with its data, code and parameters as a research object that runs."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from layeratlas.provenance.crate.export import export_crate

    export_crate(
        snakemake.input.figure[0],
        snakemake.output.crate,
        root=".",
        authors=snakemake.params.authors,
        tell=this.warn,
    )
