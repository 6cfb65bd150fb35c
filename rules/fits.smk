# Fits of the mechanical model to network cubes.


rule fit_springs:
    input:
        manifests=lambda w: [
            f"{path}.json" for path in atlas.sources_of_fit(w.experiment).values()
        ],
        target=lambda w: ancient(
            f"{atlas.sources_of_fit(w.experiment)['target']}.zarr.zip"
        ),
        library=lambda w: ancient(
            f"{atlas.sources_of_fit(w.experiment)['library']}.zarr.zip"
        ),
    output:
        cube=f"{RESULTS}/cubes/{{experiment}}.zarr.zip",
        manifest=f"{RESULTS}/cubes/{{experiment}}.json",
    log:
        f"{RESULTS}/logs/fit_springs/{{experiment}}.log",
    wildcard_constraints:
        experiment=one_of(atlas.of_stage("fit_springs")),
    conda:
        ENVIRONMENT
    params:
        plan=lambda wildcards: atlas.cube_plan(wildcards.experiment),
        code=atlas.code("fit_springs"),
    script:
        "../scripts/fit_springs.py"
