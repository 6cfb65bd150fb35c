# Cubes: one labelled dataset of each experiment.


rule assemble_cube:
    input:
        manifests=lambda wildcards: measurements(wildcards, ".json"),
        measurements=lambda wildcards: ancient(measurements(wildcards, ".zarr.zip")),
    output:
        cube=f"{RESULTS}/cubes/{{experiment}}.zarr.zip",
        manifest=f"{RESULTS}/cubes/{{experiment}}.json",
    log:
        f"{RESULTS}/logs/assemble_cube/{{experiment}}.log",
    conda:
        ENVIRONMENT
    params:
        plan=lambda wildcards: atlas.cube_plan(wildcards.experiment),
        code=atlas.code("assemble"),
    script:
        "../scripts/assemble_cube.py"
