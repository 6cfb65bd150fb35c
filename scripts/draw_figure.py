"""Draw a figure from its cubes, with their identities inside the files."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.figures.caption import caption_tex, caption_text
    from layeratlas.figures.output import save
    from layeratlas.figures.style import noted
    from layeratlas.papers import draw, lookup
    from layeratlas.storage import open_datatree, read_manifest, write_bytes_atomic

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
    name, output = snakemake.wildcards.figure, snakemake.output
    figure = draw(name, cubes, references)
    entry, note = lookup(name), noted(figure)
    for path, text in (
        (output.caption, caption_text(entry.title, entry.caption, note)),
        (output.latex, caption_tex(entry.title, entry.caption, note, name)),
    ):
        write_bytes_atomic(Path(path), text.encode())
    save(figure, Path(output[0]).with_suffix(""), identity)
