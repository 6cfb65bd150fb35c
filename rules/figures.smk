# Figures and claims. Drawn under results/<preset>/, shown under figures/.


rule draw_figure:
    input:
        manifests=lambda wildcards: cubes_of(wildcards.figure, ".json"),
        cubes=lambda wildcards: ancient(cubes_of(wildcards.figure, ".zarr.zip")),
        references=references_of,
    output:
        figure=multiext(f"{RESULTS}/figures/{{figure}}", ".pdf", ".png", ".svg"),
    log:
        f"{RESULTS}/logs/draw_figure/{{figure}}.log",
    conda:
        ENVIRONMENT
    params:
        experiments=lambda wildcards: atlas.figure(wildcards.figure).experiments,
        identity=lambda wildcards: atlas.identity(
            atlas.figure(wildcards.figure).experiments
        ),
        preset=atlas.config.preset,
        code=lambda wildcards: atlas.figure_code(wildcards.figure, "function"),
    script:
        "../scripts/draw_figure.py"


# Figures that move, e.g. figures/lazy_active.gif.
rule animate_figure:
    input:
        manifests=lambda wildcards: cubes_of(wildcards.figure, ".json"),
        cubes=lambda wildcards: ancient(cubes_of(wildcards.figure, ".zarr.zip")),
    output:
        animation="figures/{figure}.gif",
    log:
        f"{RESULTS}/logs/animate_figure/{{figure}}.log",
    wildcard_constraints:
        figure="|".join(atlas.animated()),
    conda:
        ENVIRONMENT
    params:
        experiments=lambda wildcards: atlas.figure(wildcards.figure).experiments,
        identity=lambda wildcards: atlas.identity(
            atlas.figure(wildcards.figure).experiments
        ),
        preset=atlas.config.preset,
        code=lambda wildcards: atlas.figure_code(wildcards.figure, "animation"),
    script:
        "../scripts/animate_figure.py"


# Figures that are tables, as LaTeX and as Markdown, e.g. figures/hp_mlp.tex.
rule write_table:
    input:
        manifests=lambda wildcards: cubes_of(wildcards.figure, ".json"),
        cubes=lambda wildcards: ancient(cubes_of(wildcards.figure, ".zarr.zip")),
    output:
        latex="figures/{figure}.tex",
        markdown="figures/{figure}.md",
    log:
        f"{RESULTS}/logs/write_table/{{figure}}.log",
    wildcard_constraints:
        figure="|".join(atlas.tabulated()),
    conda:
        ENVIRONMENT
    params:
        experiments=lambda wildcards: atlas.figure(wildcards.figure).experiments,
        preset=atlas.config.preset,
        code=lambda wildcards: atlas.figure_code(wildcards.figure, "table"),
    script:
        "../scripts/write_table.py"


rule check_claims:
    input:
        manifests=lambda wildcards: cubes_of(wildcards.figure, ".json"),
        cubes=lambda wildcards: ancient(cubes_of(wildcards.figure, ".zarr.zip")),
        references=references_of,
    output:
        claims=f"{RESULTS}/claims/{{figure}}.json",
    log:
        f"{RESULTS}/logs/check_claims/{{figure}}.log",
    conda:
        ENVIRONMENT
    params:
        experiments=lambda wildcards: atlas.figure(wildcards.figure).experiments,
        preset=atlas.config.preset,
        code=lambda wildcards: atlas.figure_code(wildcards.figure, "claims"),
    script:
        "../scripts/check_claims.py"


# The active preset's figure, with its claims beside it.
rule show_figure:
    input:
        figure=multiext(f"{RESULTS}/figures/{{figure}}", ".pdf", ".png", ".svg"),
        claims=f"{RESULTS}/claims/{{figure}}.json",
    output:
        figure=multiext("figures/{figure}", ".pdf", ".png", ".svg"),
        claims="figures/{figure}.claims.json",
    log:
        f"{RESULTS}/logs/show_figure/{{figure}}.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/show_figure.py"


rule draw_map:
    input:
        manifest=cube_of_map(".json"),
        cube=ancient(cube_of_map(".zarr.zip")),
    output:
        figure=multiext("figures/maps/{experiment}/{metric}", ".pdf", ".png", ".svg"),
    log:
        f"{RESULTS}/logs/draw_map/{{experiment}}-{{metric}}.log",
    conda:
        ENVIRONMENT
    params:
        identity=lambda wildcards: atlas.identity([wildcards.experiment]),
        preset=atlas.config.preset,
        code=atlas.code(
            "map", None, "layeratlas.figures.maps", "layeratlas.figures.output"
        ),
    script:
        "../scripts/draw_map.py"


# A name that is no figure: say so, and say which there are.
rule unknown_figure:
    input:
        in_words(
            lambda wildcards: atlas.refuse_figure(f"{wildcards.name}.{wildcards.ext}")
        ),
    output:
        "figures/{name}.{ext}",
    log:
        f"{RESULTS}/logs/unknown_figure/{{name}}.{{ext}}.log",
    wildcard_constraints:
        name=rf"(?!(?:{'|'.join(atlas.figures)}|maps/(?:{'|'.join(experiments)})/[a-z0-9_]+)\.(?:pdf|png|svg)$|(?:{'|'.join(atlas.animated())})\.gif$|(?:{'|'.join(atlas.tabulated())})\.(?:tex|md)$)[^.]+",
        ext="[a-z]+",
    conda:
        ENVIRONMENT
    shell:
        "false > {log}"


# Every figure of every paper, but those that take an hour or a download: they have their names.
rule figures:
    input:
        expand("figures/{figure}.pdf", figure=atlas.ordinary),
        [f"figures/{name}.gif" for name in atlas.animated() if name in atlas.ordinary],
        [f"figures/{name}.tex" for name in atlas.tabulated()],


# The scoreboard: every claim of these figures with its number and verdict.
rule claims:
    input:
        claims=[
            f"{RESULTS}/claims/{name}.json"
            for name in atlas.claimed()
            if name in atlas.ordinary
        ],
    log:
        f"{RESULTS}/logs/claims.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/show_claims.py"
