"""Why a claim of a figure here has its verdict, and what would turn it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError
from layeratlas.provenance.store.reading import project_root
from layeratlas.words import listed, named, quoted, suggestion

if TYPE_CHECKING:
    from layeratlas.claims.claim import Claim
    from layeratlas.claims.files import Judged
    from layeratlas.claims.turning.explaining import Why

_PREFIX = "claim-"
_CUBE = "cube "


def why(
    claim: str,
    root: str | os.PathLike[str] | None = None,
    preset: str | None = None,
    subject: str | None = None,
) -> list[Why]:
    """What carries the verdict of a claim, and the smallest change of the cubes that turns it.

    `claim` is its id, as `4` or `claim-4`, or FIGURE/ID where several figures have one; `subject`
    the beginning of one of its subjects, all of them by default. A `Why` a subject, judged anew
    from the cubes in results/<preset>/cubes: `change` is the smallest change of one number, a cell
    at one layer, the same in every seed, in standard deviations over seeds; `carriers` are the
    numbers that turn the verdict by at most twice as many; `seeds` is the verdict without each.

    StoreError where no figure that was judged here makes the claim, or several presets do.
    """
    from layeratlas.claims.asking import Name
    from layeratlas.claims.turning.explaining import explain

    folder = project_root(root)
    found = []
    for path, judged, claims in _matching(folder, claim, preset, subject):
        judge, cubes = _judging(folder, path, judged)
        for one in claims:
            answer = explain(judge, cubes, Name(one.id, one.subject))
            if answer is None:
                raise StoreError(
                    f"{named(path)} has claim {quoted(one.id)} of {quoted(one.subject)}, which the "
                    "present code does not make: judge anew with `snakemake claims`."
                )
            found.append(answer)
    return found


def _matching(
    root: Path, wanted: str, preset: str | None, subject: str | None
) -> list[tuple[Path, Judged, list[Claim]]]:
    """Files of claims that have the wanted one, with those of its subjects that are wanted."""
    from layeratlas.claims.files import read_claims

    figure, _, id = wanted.rpartition("/")
    ids = {id, id.removeprefix(_PREFIX)}
    paths = sorted((root / "results").glob(f"{'*' if preset is None else preset}/claims/*.json"))
    if not paths:
        where = named(root / "results" / (preset or ""))
        raise StoreError(f"no figure was judged in {where}: `snakemake claims` does so.")
    known, found = set(), []
    for path in paths:
        if figure in ("", path.stem):
            judged = read_claims(path)
            known |= {f"{path.stem}/{one.id}" for one in judged.claims}
            claims = [
                c for c in judged.claims if c.id in ids and c.subject.startswith(subject or "")
            ]
            if claims:
                found.append((path, judged, claims))
    if not found:
        names = known | {name.rpartition("/")[2] for name in known}
        raise StoreError(
            f"no claim {quoted(wanted)}{f' of {quoted(subject)}' if subject else ''} was judged "
            f"here: {suggestion(wanted, names)}known are {listed(sorted(known), 200)}."
        )
    presets = sorted({path.parents[1].name for path, *_ in found})
    if len(presets) > 1:
        raise StoreError(
            f"claim {quoted(wanted)} was judged at the presets {listed(presets)}: name one "
            "(--preset, preset=)."
        )
    return found


def _judging(root: Path, path: Path, judged: Judged):
    """The function of a figure's claims, of cubes alone; and the cubes that it was judged from."""
    from layeratlas import papers, tables
    from layeratlas.extending.loading import load
    from layeratlas.extending.places import settle
    from layeratlas.storage import open_datatree
    from layeratlas.storage.manifest import SUFFIX

    settle(root)
    load()
    entry = papers.lookup(path.stem)
    if entry.claims is None:
        raise StoreError(f"figure {quoted(path.stem)} makes no claims any more.")
    references = {name: _reference(root, name) for name in entry.references}
    cubes = {}
    for told in judged.identity:
        if told.startswith(_CUBE):
            name = told.removeprefix(_CUBE)
            place = path.parents[1] / "cubes" / f"{name}{SUFFIX}"
            if not place.is_file():
                raise StoreError(
                    f"{named(path)} was judged from {named(place)}, which is not here."
                )
            cubes[name] = open_datatree(place)
    function = tables.resolve(entry.claims)
    return lambda others: function(others, references), cubes


def _reference(root: Path, name: str) -> Path:
    """A file of data/reference, of the project or of the checkout that the package is of."""
    import layeratlas

    places = (root, Path(layeratlas.__file__).resolve().parents[2])
    files = [place / "data" / "reference" / name for place in places]
    return next((file for file in files if file.is_file()), files[0])
