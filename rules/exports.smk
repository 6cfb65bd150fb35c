# Exports for other tools: a cube as a plain zarr directory, a group as NetCDF, a figure as a
# research object. Copies; nothing reads them back.


# The directory holds one consolidated zarr.json, so readers do not list folders and do not meet
# the timestamp that Snakemake puts into directories.
rule unpack_cube:
    input:
        manifest=reads("unpack_cube", f"{RESULTS}/cubes/{{experiment}}.json"),
        cube=reads("unpack_cube", f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
        changed=changed("unpack_cube"),
    output:
        zarr=directory("export/{experiment}.zarr"),
    log:
        f"{RESULTS}/logs/unpack_cube/{{experiment}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("unpack_cube"),
    params:
        **asked("unpack_cube"),
    script:
        "../scripts/unpack_cube.py"


# export/<experiment>.layers.nc; the group `root` is the top of the tree.
rule export_netcdf:
    input:
        manifest=reads("export_netcdf", f"{RESULTS}/cubes/{{experiment}}.json"),
        cube=reads("export_netcdf", f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
        changed=changed("export_netcdf"),
    output:
        netcdf=update("export/{experiment}.{group}.nc"),
    log:
        f"{RESULTS}/logs/export_netcdf/{{experiment}}.{{group}}.log",
    wildcard_constraints:
        group="[a-z][a-z0-9_]*",
    conda:
        ENVIRONMENT
    resources:
        **requests("export_netcdf"),
    params:
        **asked("export_netcdf"),
    script:
        "../scripts/export_netcdf.py"


# Made from the records of the jobs too; these are no inputs, since every job adds to them.
rule export_crate:
    input:
        figure=reads(
            "export_crate",
            multiext(f"{RESULTS}/figures/{{figure}}", ".pdf", ".png", ".svg"),
        ),
        claims=reads("export_crate", f"{RESULTS}/claims/{{figure}}.json"),
        shown=reads("export_crate", also_shown),
        changed=changed("export_crate"),
    output:
        crate=update("crates/{figure}.crate.zip"),
    log:
        f"{RESULTS}/logs/export_crate/{{figure}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("export_crate"),
    params:
        **asked("export_crate"),
    script:
        "../scripts/export_crate.py"


# Of a map, e.g. crates/maps/<experiment>/<metric>.crate.zip.
rule export_map_crate:
    input:
        figure=reads(
            "export_map_crate",
            multiext("figures/maps/{experiment}/{metric}", ".pdf", ".png", ".svg"),
        ),
        changed=changed("export_map_crate"),
    output:
        crate=update("crates/maps/{experiment}/{metric}.crate.zip"),
    log:
        f"{RESULTS}/logs/export_map_crate/{{experiment}}-{{metric}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("export_map_crate"),
    params:
        **asked("export_map_crate"),
    script:
        "../scripts/export_map_crate.py"
