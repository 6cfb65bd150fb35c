# Exports for other tools: a cube as a plain zarr directory, a group as NetCDF, a figure as a
# research object. Copies; nothing reads them back.


# The directory holds one consolidated zarr.json, so readers do not list folders and do not meet
# the timestamp that Snakemake puts into directories.
rule unpack_cube:
    input:
        manifest=f"{RESULTS}/cubes/{{experiment}}.json",
        cube=ancient(f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
    output:
        zarr=directory("export/{experiment}.zarr"),
    log:
        f"{RESULTS}/logs/unpack_cube/{{experiment}}.log",
    conda:
        ENVIRONMENT
    params:
        code=atlas.code("unpack", None, "layeratlas.storage.export"),
    script:
        "../scripts/unpack_cube.py"


# export/<experiment>.layers.nc; the group `root` is the top of the tree.
rule export_netcdf:
    input:
        manifest=f"{RESULTS}/cubes/{{experiment}}.json",
        cube=ancient(f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
    output:
        netcdf="export/{experiment}.{group}.nc",
    log:
        f"{RESULTS}/logs/export_netcdf/{{experiment}}.{{group}}.log",
    wildcard_constraints:
        group="[a-z][a-z0-9_]*",
    conda:
        ENVIRONMENT
    params:
        code=atlas.code("netcdf", None, "layeratlas.storage.export"),
    script:
        "../scripts/export_netcdf.py"


# Made from the records of the jobs too; these are no inputs, since every job adds to them.
rule export_crate:
    input:
        figure=multiext(f"{RESULTS}/figures/{{figure}}", ".pdf", ".png", ".svg"),
        claims=lambda wildcards: (
            f"{RESULTS}/claims/{wildcards.figure}.json"
            if wildcards.figure in atlas.claimed()
            else []
        ),
    output:
        crate="crates/{figure}.crate.zip",
    log:
        f"{RESULTS}/logs/export_crate/{{figure}}.log",
    conda:
        ENVIRONMENT
    params:
        code=atlas.code("crate", None, "layeratlas.provenance.crate.export"),
    script:
        "../scripts/export_crate.py"
