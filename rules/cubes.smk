# Cubes: one labelled dataset of each experiment.


rule assemble_cube:
    input:
        manifests=results_of(".json"),
        measurements=ancient(results_of(".zarr.zip")),
    output:
        cube=f"{RESULTS}/cubes/{{experiment}}.zarr.zip",
        manifest=f"{RESULTS}/cubes/{{experiment}}.json",
    log:
        f"{RESULTS}/logs/assemble_cube/{{experiment}}.log",
    wildcard_constraints:
        experiment=one_of(atlas.assembled()),
    conda:
        ENVIRONMENT
    params:
        plan=lambda wildcards: atlas.cube_plan(wildcards.experiment),
        code=atlas.code("assemble"),
    script:
        "../scripts/assemble_cube.py"
