"""Write a table as LaTeX and as Markdown, with the identity of its cubes in a comment."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.figures.replaced import told_of_replacing
    from layeratlas.papers import tabulate
    from layeratlas.storage import open_datatree, read_manifest, write_bytes_atomic

    given, params, output = snakemake.input, snakemake.params, snakemake.output
    cubes = {
        name: open_datatree(path)
        for name, path in zip(params.experiments, given.cubes, strict=True)
    }
    table = tabulate(snakemake.wildcards.figure, cubes)
    hashes = [
        f"{name} {read_manifest(path).content_hash}"
        for name, path in zip(params.experiments, given.manifests, strict=True)
    ]
    identity = f"Layer Atlas, preset {params.preset}, cubes: {', '.join(hashes)}"
    if told := told_of_replacing(Path(output.latex), params.preset):
        this.warn(told)
    for path, text in (
        (output.latex, f"% {identity}\n{table.to_latex()}"),
        (output.markdown, f"{table.to_markdown()}\n<!-- {identity} -->\n"),
    ):
        write_bytes_atomic(Path(path), text.encode())
