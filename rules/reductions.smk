# Cubes made of other cubes by a function that an experiment names.


rule reduce_cubes:
    input:
        manifests=reads("reduce_cubes", sources_of(".json")),
        cubes=reads("reduce_cubes", sources_of(".zarr.zip")),
        changed=changed("reduce_cubes"),
    output:
        cube=update(f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
        manifest=update(f"{RESULTS}/cubes/{{experiment}}.json"),
    log:
        f"{RESULTS}/logs/reduce_cubes/{{experiment}}.log",
    wildcard_constraints:
        experiment=one_of(atlas.of_stage("reduce_cubes")),
    conda:
        ENVIRONMENT
    resources:
        **requests("reduce_cubes"),
    params:
        **asked("reduce_cubes"),
    script:
        "../scripts/reduce_cubes.py"
