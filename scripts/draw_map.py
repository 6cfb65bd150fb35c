"""Draw any metric of any experiment over two axes of its grid."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.figures.maps import metric_map
    from layeratlas.figures.output import save
    from layeratlas.figures.replaced import told_of_replacing
    from layeratlas.storage import open_datatree, read_manifest

    given, metric = snakemake.input, snakemake.wildcards.metric
    experiment = snakemake.wildcards.experiment
    cube = open_datatree(given.cube)
    figure = metric_map(cube, metric=metric)
    identity = {
        "figure": f"maps/{experiment}/{metric}",
        "preset": snakemake.params.preset,
        "code": snakemake.params.code,
        **snakemake.params.identity,
        f"cube {experiment}": read_manifest(given.manifest).content_hash,
    }
    shown = Path(snakemake.output[0])
    if told := told_of_replacing(shown, snakemake.params.preset):
        this.warn(told)
    save(figure, shown.with_suffix(""), identity)
