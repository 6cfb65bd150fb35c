# Fits of the mechanical model to network cubes.


rule fit_springs:
    input:
        target_manifest=reads("fit_springs", source_of("target", ".json")),
        target=reads("fit_springs", source_of("target", ".zarr.zip")),
        library_manifest=reads("fit_springs", source_of("library", ".json")),
        library=reads("fit_springs", source_of("library", ".zarr.zip")),
        changed=changed("fit_springs"),
    output:
        cube=update(f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
        manifest=update(f"{RESULTS}/cubes/{{experiment}}.json"),
    log:
        f"{RESULTS}/logs/fit_springs/{{experiment}}.log",
    wildcard_constraints:
        experiment=one_of(atlas.of_stage("fit_springs")),
    conda:
        ENVIRONMENT
    resources:
        **requests("fit_springs"),
    params:
        **asked("fit_springs"),
    script:
        "../scripts/fit_springs.py"
