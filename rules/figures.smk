# Figures and claims. Drawn under results/<preset>/, shown under figures/.


rule draw_figure:
    input:
        manifests=reads("draw_figure", cubes_of(".json")),
        cubes=reads("draw_figure", cubes_of(".zarr.zip")),
        references=reads("draw_figure", references_of),
        changed=changed("draw_figure"),
    output:
        # Of the three files a report shows one; `multiext` takes no marker.
        figure=[
            update(f"{RESULTS}/figures/{{figure}}.pdf"),
            report(
                update(f"{RESULTS}/figures/{{figure}}.png"),
                caption="report/figure.rst",
                category=lambda w: category(w.figure),
                labels=in_words(lambda wildcards: labels(atlas, wildcards.figure)),
            ),
            update(f"{RESULTS}/figures/{{figure}}.svg"),
        ],
        caption=update(f"{RESULTS}/figures/{{figure}}.caption.txt"),
        latex=update(f"{RESULTS}/figures/{{figure}}.caption.tex"),
    log:
        f"{RESULTS}/logs/draw_figure/{{figure}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("draw_figure"),
    params:
        **asked("draw_figure"),
    script:
        "../scripts/draw_figure.py"


# Figures that move, e.g. figures/lazy_active.gif.
rule animate_figure:
    input:
        manifests=reads("animate_figure", cubes_of(".json")),
        cubes=reads("animate_figure", cubes_of(".zarr.zip")),
        changed=changed("animate_figure"),
    output:
        animation=update("figures/{figure}.gif"),
    log:
        f"{RESULTS}/logs/animate_figure/{{figure}}.log",
    wildcard_constraints:
        figure="|".join(atlas.animated()),
    conda:
        ENVIRONMENT
    resources:
        **requests("animate_figure"),
    params:
        **asked("animate_figure"),
    script:
        "../scripts/animate_figure.py"


# Figures that are tables, as LaTeX and as Markdown, e.g. figures/hp_mlp.tex.
rule write_table:
    input:
        manifests=reads("write_table", cubes_of(".json")),
        cubes=reads("write_table", cubes_of(".zarr.zip")),
        changed=changed("write_table"),
    output:
        latex=update("figures/{figure}.tex"),
        markdown=update("figures/{figure}.md"),
    log:
        f"{RESULTS}/logs/write_table/{{figure}}.log",
    wildcard_constraints:
        figure="|".join(atlas.tabulated()),
    conda:
        ENVIRONMENT
    resources:
        **requests("write_table"),
    params:
        **asked("write_table"),
    script:
        "../scripts/write_table.py"


rule check_claims:
    input:
        manifests=reads("check_claims", cubes_of(".json")),
        cubes=reads("check_claims", cubes_of(".zarr.zip")),
        references=reads("check_claims", references_of),
        changed=changed("check_claims"),
    output:
        claims=update(f"{RESULTS}/claims/{{figure}}.json"),
    log:
        f"{RESULTS}/logs/check_claims/{{figure}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("check_claims"),
    params:
        **asked("check_claims"),
    script:
        "../scripts/check_claims.py"


# The active preset's figure, with its claims beside it.
rule show_figure:
    input:
        figure=reads(
            "show_figure",
            multiext(f"{RESULTS}/figures/{{figure}}", ".pdf", ".png", ".svg"),
        ),
        caption=reads("show_figure", f"{RESULTS}/figures/{{figure}}.caption.txt"),
        latex=reads("show_figure", f"{RESULTS}/figures/{{figure}}.caption.tex"),
        claims=reads("show_figure", f"{RESULTS}/claims/{{figure}}.json"),
        changed=changed("show_figure"),
    output:
        figure=update(multiext("figures/{figure}", ".pdf", ".png", ".svg")),
        caption=update("figures/{figure}.caption.txt"),
        latex=update("figures/{figure}.caption.tex"),
        claims=update("figures/{figure}.claims.json"),
    log:
        f"{RESULTS}/logs/show_figure/{{figure}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("show_figure"),
    params:
        **asked("show_figure"),
    script:
        "../scripts/show_figure.py"


rule draw_map:
    input:
        manifest=reads("draw_map", cube_of_map(".json")),
        cube=reads("draw_map", cube_of_map(".zarr.zip")),
        changed=changed("draw_map"),
    output:
        figure=[
            update("figures/maps/{experiment}/{metric}.pdf"),
            report(
                update("figures/maps/{experiment}/{metric}.png"),
                caption="report/map.rst",
                category=MAPS,
                labels=lambda w: labels_of_map(atlas, w.experiment, w.metric),
            ),
            update("figures/maps/{experiment}/{metric}.svg"),
        ],
    log:
        f"{RESULTS}/logs/draw_map/{{experiment}}-{{metric}}.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("draw_map"),
    params:
        **asked("draw_map"),
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
        name=rf"(?!(?:{'|'.join(atlas.figures)}|maps/(?:{'|'.join(experiments)})/[a-z0-9_]+)\.(?:pdf|png|svg)$|claims\.html$|(?:{'|'.join(atlas.animated())})\.gif$|(?:{'|'.join(atlas.tabulated())})\.(?:tex|md)$)[^.]+",
        ext="[a-z]+",
    conda:
        ENVIRONMENT
    shell:
        "false > {log}"


# Every figure of every paper, but those that take an hour or a download: they have their names.
rule figures:
    input:
        atlas.shown(atlas.ordinary),


# Every figure of one paper, costly ones too, with its claims: `snakemake signal_propagation`.
for paper, names in PAPERS.items():

    rule:
        name:
            paper
        input:
            atlas.shown(names),
        localrule: True


BOARD = [f"{RESULTS}/claims/{name}.json" for name in atlas.on_scoreboard()]


# The scoreboard as a page: figures/claims.html.
rule write_claims:
    input:
        claims=reads("write_claims", BOARD),
        changed=changed("write_claims"),
    output:
        page=report(
            update("figures/claims.html"),
            caption="report/claims.rst",
            category=CLAIMS,
            labels=in_words(lambda wildcards: labels_of_claims(atlas, BOARD)),
        ),
    log:
        f"{RESULTS}/logs/write_claims.log",
    conda:
        ENVIRONMENT
    resources:
        **requests("write_claims"),
    params:
        **asked("write_claims"),
    script:
        "../scripts/write_claims.py"


# The scoreboard: every claim of these figures with its number and verdict.
rule claims:
    input:
        claims=BOARD,
        page="figures/claims.html",
    log:
        f"{RESULTS}/logs/claims.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/show_claims.py"
