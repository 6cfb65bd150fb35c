# The atlas: what figures of the active preset show and where it comes from, in one page.


rule write_atlas:
    input:
        drawings=reads("write_atlas", in_atlas(f"{RESULTS}/figures/{{figure}}.svg")),
        captions=reads(
            "write_atlas", in_atlas(f"{RESULTS}/figures/{{figure}}.caption.txt")
        ),
        claims=reads("write_atlas", in_atlas(f"{RESULTS}/claims/{{figure}}.json")),
        manifests=reads("write_atlas", atlas_cubes(".json")),
        cubes=reads("write_atlas", atlas_cubes(".zarr.zip")),
        changed=changed("write_atlas"),
    output:
        page=update("atlas/index.html"),
    log:
        f"{RESULTS}/logs/write_atlas.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("write_atlas"),
    params:
        **asked("write_atlas"),
    script:
        "../scripts/write_atlas.py"
