"""Write the scoreboard as a page: every claim of every figure with its number and verdict."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.claims.files import read_claims
    from layeratlas.claims.page import page
    from layeratlas.errors import StoreError
    from layeratlas.papers import FIGURES
    from layeratlas.storage.atomic import write_bytes_atomic

    claims, wrong = [], []
    for path in map(Path, snakemake.input.claims):
        # The page shows the others; who asks for the claims is told of it once more.
        try:
            claims += read_claims(path).claims
        except StoreError as error:
            wrong.append(str(error))
            this.warn(str(error))
    titles = {name: entry.title for name, entry in FIGURES.items()}
    text = page(claims, snakemake.params.preset, titles, wrong)
    write_bytes_atomic(Path(snakemake.output.page), text.encode())
