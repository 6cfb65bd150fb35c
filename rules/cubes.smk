# Cubes: one labelled dataset of each experiment.


rule assemble_cube:
    input:
        manifests=reads("assemble_cube", results_of(".json")),
        measurements=reads("assemble_cube", results_of(".zarr.zip")),
        changed=changed("assemble_cube"),
    output:
        cube=update(f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
        manifest=update(f"{RESULTS}/cubes/{{experiment}}.json"),
    log:
        f"{RESULTS}/logs/assemble_cube/{{experiment}}.log",
    wildcard_constraints:
        experiment=one_of(atlas.on_grids()),
    conda:
        ENVIRONMENT
    resources:
        **requests("assemble_cube"),
    params:
        **asked("assemble_cube"),
    script:
        "../scripts/assemble_cube.py"
