"""Print the scoreboard: every claim of every figure with its number and verdict."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from rich.console import Console

    from layeratlas.claims.files import from_json
    from layeratlas.claims.scoreboard import scoreboard

    claims = [
        claim
        for path in snakemake.input
        for claim in from_json(Path(path).read_text(encoding="utf-8"))
    ]
    console = Console()
    # A pipe has no width of its own; 80 columns would break every statement.
    Console(width=max(console.width, 140)).print(scoreboard(claims))
