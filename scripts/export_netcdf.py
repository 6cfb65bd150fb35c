"""Write one group of a cube as NetCDF."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from layeratlas.storage.export import to_netcdf

    group = snakemake.wildcards.group
    to_netcdf(snakemake.input.cube, "/" if group == "root" else group, snakemake.output.netcdf)
