"""Copy the active preset's figure and claims to figures/, each in one step."""

from layeratlas.workflow.frame import job

with job(snakemake):
    from pathlib import Path

    from layeratlas.claims.files import read_claims
    from layeratlas.storage.atomic import write_bytes_atomic

    read_claims(snakemake.input.claims)
    sources = [*snakemake.input.figure, snakemake.input.claims]
    for source, target in zip(sources, snakemake.output, strict=True):
        write_bytes_atomic(Path(target), Path(source).read_bytes())
