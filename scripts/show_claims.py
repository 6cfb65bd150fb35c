"""Print the scoreboard: every claim of every figure with its number and verdict."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from rich.console import Console

    from layeratlas.claims.files import read_claims
    from layeratlas.claims.scoreboard import scoreboard
    from layeratlas.errors import StoreError
    from layeratlas.workflow.receipts import identity

    claims, older, wrong = [], set(), []
    for path in map(Path, snakemake.input.claims):
        try:
            judged = read_claims(path)
        except StoreError as error:
            wrong.append(str(error))
            continue
        claims += judged.claims
        # What stands beside: results/<preset>/cubes/<name>.json.
        cubes = {file.stem: identity(file) for file in path.parents[1].glob("cubes/*.json")}
        if names := judged.older({name: told for name, told in cubes.items() if told}):
            older.add(path.stem)
            this.warn(f"{path}: judged from other versions of {', '.join(names)} than those here")
    this.show(scoreboard(claims, older, Console().width, "figures/claims.html"))
    for sentence in wrong[:-1]:
        this.warn(sentence)
    if wrong:
        raise StoreError(wrong[-1])
