"""Copy the active preset's figure, caption and claims to figures/, each in one step."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.claims.files import read_claims
    from layeratlas.figures.replaced import told_of_replacing
    from layeratlas.storage.atomic import write_bytes_atomic

    read_claims(snakemake.input.claims)
    given = snakemake.input
    name = snakemake.wildcards.figure
    shown = Path(snakemake.output[0])
    kept = f"results/{{preset}}/figures/{name}{shown.suffix}"
    if told := told_of_replacing(shown, snakemake.params.preset, kept):
        this.warn(told)
    sources = [*given.figure, given.caption, given.latex, given.claims]
    for source, target in zip(sources, snakemake.output, strict=True):
        write_bytes_atomic(Path(target), Path(source).read_bytes())
