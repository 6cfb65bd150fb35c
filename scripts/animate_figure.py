"""Draw the animation of a figure from its cubes, with their identities inside the file."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.figures.replaced import told_of_replacing
    from layeratlas.papers import animate
    from layeratlas.storage import open_datatree, read_manifest

    given, params = snakemake.input, snakemake.params
    manifests = [read_manifest(path) for path in given.manifests]
    cubes = {
        name: open_datatree(path)
        for name, path in zip(params.experiments, given.cubes, strict=True)
    }
    identity = {
        "figure": snakemake.wildcards.figure,
        "preset": params.preset,
        "code": params.code,
        **params.identity,
        **{f"cube {n}": m.content_hash for n, m in zip(params.experiments, manifests, strict=True)},
    }
    shown = Path(snakemake.output.animation)
    if told := told_of_replacing(shown, params.preset):
        this.warn(told)
    animate(snakemake.wildcards.figure, cubes, shown, identity)
