"""Draw the boundary of an experiment that is refined, over its points."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.figures.boundary import boundary_figure
    from layeratlas.figures.caption import caption_text
    from layeratlas.figures.output import save
    from layeratlas.figures.replaced import told_of_replacing
    from layeratlas.figures.style import noted
    from layeratlas.storage import open_datatree, read_manifest, write_bytes_atomic
    from layeratlas.tables import resolve

    given, params, experiment = snakemake.input, snakemake.params, snakemake.wildcards.experiment
    cube, quantity = open_datatree(given.cube), params.quantity
    lines = resolve(quantity["theory"])(cube) if quantity["theory"] else []
    figure = boundary_figure(cube, quantity["long_name"], quantity["symbol"], lines)
    identity = {
        "figure": f"refined/{experiment}",
        "preset": params.preset,
        "code": params.code,
        **params.identity,
        f"cube {experiment}": read_manifest(given.manifest).content_hash,
    }
    shown = Path(snakemake.output[0])
    if told := told_of_replacing(shown, params.preset):
        this.warn(told)
    text = caption_text(cube.attrs["title"], cube.attrs["summary"], noted(figure))
    write_bytes_atomic(Path(snakemake.output.caption), text.encode())
    save(figure, shown.with_suffix(""), identity)
