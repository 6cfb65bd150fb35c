# Experiments that ask for a boundary: a cube of points, and the boundary drawn. Which points, the file
# results/<preset>/refined/<experiment>.json says, which `layeratlas refine` adds generations to.


rule assemble_points:
    input:
        manifests=reads("assemble_points", results_of(".json")),
        measurements=reads("assemble_points", results_of(".zarr.zip")),
        taken_manifests=reads("assemble_points", cubes_with_runs_of(".json")),
        taken=reads("assemble_points", cubes_with_runs_of(".zarr.zip")),
        changed=changed("assemble_points"),
    output:
        cube=update(f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
        manifest=update(f"{RESULTS}/cubes/{{experiment}}.json"),
    log:
        f"{RESULTS}/logs/assemble_points/{{experiment}}.log",
    wildcard_constraints:
        experiment=one_of(atlas.refined()),
    conda:
        ENVIRONMENT
    resources:
        **requests("assemble_points"),
    params:
        **asked("assemble_points"),
    script:
        "../scripts/assemble_points.py"


rule draw_boundary:
    input:
        manifest=reads("draw_boundary", f"{RESULTS}/cubes/{{experiment}}.json"),
        cube=reads("draw_boundary", f"{RESULTS}/cubes/{{experiment}}.zarr.zip"),
        changed=changed("draw_boundary"),
    output:
        figure=update(multiext("refined/{experiment}", ".pdf", ".png", ".svg")),
        caption=update("refined/{experiment}.caption.txt"),
    log:
        f"{RESULTS}/logs/draw_boundary/{{experiment}}.log",
    wildcard_constraints:
        experiment=one_of(atlas.refined()),
    conda:
        ENVIRONMENT
    resources:
        **requests("draw_boundary"),
    params:
        **asked("draw_boundary"),
    script:
        "../scripts/draw_boundary.py"


# A boundary of no such experiment: say so, and of which there are.
rule unknown_boundary:
    input:
        in_words(lambda wildcards: atlas.refuse_boundary(wildcards.name)),
    output:
        "refined/{name}.{ext}",
    log:
        f"{RESULTS}/logs/unknown_boundary/{{name}}.{{ext}}.log",
    wildcard_constraints:
        name=rf"(?!(?:{one_of(atlas.refined())})\.)[^./]+",
        ext="pdf|png|svg",
    conda:
        ENVIRONMENT
    shell:
        "false > {log}"
