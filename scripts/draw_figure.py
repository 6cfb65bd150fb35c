"""Draw a figure from its cubes, with their identities inside the files."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.figures.output import save
    from layeratlas.papers import draw
    from layeratlas.storage import open_datatree, read_manifest

    given, params = snakemake.input, snakemake.params
    manifests = [read_manifest(path) for path in given.manifests]
    cubes = {
        name: open_datatree(path)
        for name, path in zip(params.experiments, given.cubes, strict=True)
    }
    references = {Path(path).name: Path(path) for path in given.references}
    identity = {
        "figure": snakemake.wildcards.figure,
        "preset": params.preset,
        "code": params.code,
        **params.identity,
        **{f"cube {n}": m.content_hash for n, m in zip(params.experiments, manifests, strict=True)},
    }
    figure = draw(snakemake.wildcards.figure, cubes, references)
    save(figure, Path(snakemake.output[0]).with_suffix(""), identity)
