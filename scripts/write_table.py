"""Write a table as LaTeX and as Markdown, with the identity of its cubes in a comment."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.figures.identity import comment
    from layeratlas.figures.replaced import told_of_replacing
    from layeratlas.papers import tabulate
    from layeratlas.storage import open_datatree, read_manifest, write_bytes_atomic

    given, params, output = snakemake.input, snakemake.params, snakemake.output
    cubes = {
        name: open_datatree(path)
        for name, path in zip(params.experiments, given.cubes, strict=True)
    }
    table = tabulate(snakemake.wildcards.figure, cubes)
    manifests = [read_manifest(path) for path in given.manifests]
    identity = {
        "figure": snakemake.wildcards.figure,
        "preset": params.preset,
        "code": params.code,
        **params.identity,
        **{f"cube {n}": m.content_hash for n, m in zip(params.experiments, manifests, strict=True)},
    }
    if told := told_of_replacing(Path(output.latex), params.preset):
        this.warn(told)
    for path, text in (
        (output.latex, f"% {comment(identity)}\n{table.to_latex()}"),
        (output.markdown, f"{table.to_markdown()}\n<!-- {comment(identity)} -->\n"),
    ):
        write_bytes_atomic(Path(path), text.encode())
