"""Unpack a cube to a plain zarr directory."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from layeratlas.storage.export import unpack

    unpack(snakemake.input.cube, snakemake.output.zarr)
