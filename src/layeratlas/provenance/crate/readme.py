"""The README of a crate: what it is, how it runs, what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from layeratlas.provenance.crate.files import place_of
from layeratlas.provenance.crate.history import History

_CUBES = (
    "A cube (`.zarr.zip`) opens with xarray and zarr alone:\n\n"
    "    import xarray as xr, zarr\n"
    '    xr.open_datatree(zarr.storage.ZipStore(path, mode="r"), engine="zarr", '
    "consolidated=False)\n"
)


def readme(
    history: History,
    targets: Sequence[str],
    lacking: Sequence[str],
    name: str,
    description: str,
) -> str:
    """The text. `targets` are what the crate makes where it is unpacked, none where it does not
    run; `lacking` says, a sentence each, what has to be brought for that."""
    files = "\n".join(f"- `{place_of(file)}`" for file in history.enclosed)
    parts = [f"# {name}", description]
    if targets:
        parts += [_running(history, targets[0]), *lacking]
    parts += [
        "## What is in it",
        files,
        "`ro-crate-metadata.json` tells how each file was made: jobs, inputs, parameters, code and "
        "environment. Files that are not enclosed (shards, prepared data sets) are named by their "
        "sha256.",
        _CUBES,
    ]
    return "\n\n".join(parts)


def _running(history: History, target: str) -> str:
    results = f"results/{history.maker.activity.preset}"
    cubes = f"{results}/cubes"
    drawn = ""
    if history.is_figure:
        inner = any(file.path.startswith(f"{results}/figures/") for file in history.enclosed)
        drawn = f"figures {results}/figures" if inner else "figures"
    again = [f"    rm -r {drawn} && make {target}"] if drawn else []
    again.append(f"    rm -r {f'{drawn} {cubes}'.strip()} && make {target}")
    return "\n".join(
        [
            "## How it runs",
            "",
            "With Python 3.11 or newer and make, in the folder where it was unpacked,",
            "",
            f"    make {target}",
            "",
            "sets up `.venv` from `envs/requirements.lock`, once, and finds nothing to make: the",
            "receipts below `results` say that code, settings and data are those of the result.",
            "To have it made again, of the cubes in the crate or from the beginning:",
            "",
            *again,
            "",
            "The same content comes out, and the same bytes; of networks that are trained again,",
            "on the type of machine that trained them.",
        ]
    )
