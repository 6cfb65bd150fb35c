"""Draw any metric of any experiment over two axes of its grid."""

from layeratlas.workflow.job import job

with job(snakemake) as this:  # noqa: F821
    from pathlib import Path

    from layeratlas.figures import metric_map, save
    from layeratlas.storage import open_datatree, read_manifest

    given, metric = snakemake.input, snakemake.wildcards.metric  # noqa: F821
    experiment = snakemake.wildcards.experiment  # noqa: F821
    cube = open_datatree(given.cube)
    figure = metric_map(cube, metric=metric)
    identity = {
        "figure": f"maps/{experiment}/{metric}",
        "preset": snakemake.params.preset,  # noqa: F821
        "code": snakemake.params.code,  # noqa: F821
        f"cube {experiment}": read_manifest(given.manifest).content_hash,
    }
    save(figure, Path(snakemake.output[0]).with_suffix(""), identity)  # noqa: F821
