"""Write the atlas: figures with their cubes, claims and origins as one page."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.atlas.contents import Drawn, gather
    from layeratlas.atlas.page import page
    from layeratlas.storage.atomic import write_bytes_atomic

    given, params = snakemake.input, snakemake.params
    files = zip(given.drawings, given.captions, given.claims, strict=True)
    drawn = {
        name: Drawn(*map(Path, of_figure))
        for name, of_figure in zip(params.figures, files, strict=True)
    }
    cubes = dict(zip(params.experiments, map(Path, given.cubes), strict=True))
    contents = gather(params.preset, params.told, drawn, cubes, Path())
    drawings = {name: one.drawing for name, one in drawn.items()}
    text = page(contents, cubes, drawings, budget=1e6 * params.budget_mb)
    write_bytes_atomic(Path(snakemake.output.page), text.encode())
