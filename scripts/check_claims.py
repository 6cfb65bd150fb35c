"""Check the claims of a figure against its cubes."""

from layeratlas.workflow.frame import job

with job(snakemake) as this:
    from pathlib import Path

    from layeratlas.claims.files import to_json
    from layeratlas.papers import check
    from layeratlas.storage import open_datatree, read_manifest, write_bytes_atomic

    given, params = snakemake.input, snakemake.params
    manifests = [read_manifest(path) for path in given.manifests]
    cubes = {
        name: open_datatree(path)
        for name, path in zip(params.experiments, given.cubes, strict=True)
    }
    references = {Path(path).name: Path(path) for path in given.references}
    identity = {
        "preset": params.preset,
        "code": params.code,
        **{f"cube {n}": m.content_hash for n, m in zip(params.experiments, manifests, strict=True)},
    }
    claims = check(snakemake.wildcards.figure, cubes, references)
    write_bytes_atomic(Path(snakemake.output[0]), to_json(claims, identity).encode())
