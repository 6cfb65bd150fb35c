"""All that the page tells, as plain data that JSON can hold.

Gathered from what the pipeline published: cubes with their manifests, drawings with captions,
claims, and the records of the jobs that made them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from layeratlas.atlas.captions import caption_parts
from layeratlas.atlas.linking import experiments_of
from layeratlas.atlas.origins import Origins, origins
from layeratlas.claims.claim import Claim
from layeratlas.claims.counting import needs, number, runs, spread, summary
from layeratlas.claims.files import read_claims
from layeratlas.claims.page import anchor
from layeratlas.cubes.noise import NOISE_GROWS_WITH_VALUE
from layeratlas.errors import StoreError
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import manifest_path, read_manifest
from layeratlas.storage.ziparchive import ZipArchive

__all__ = ["Drawn", "gather"]

#: Axes whose largest values are drawn first: at the left, as in the figures.
_FROM_LARGE = sorted(name for name, grows in NOISE_GROWS_WITH_VALUE.items() if grows)
_CLAIM = ("id", "figure", "subject", "statement", "source", "comparison", "verdict", "note")


@dataclass(frozen=True)
class Drawn:
    """Files of one figure: its drawing, its caption as text, its claims."""

    drawing: Path
    caption: Path
    claims: Path


def gather(
    preset: str,
    told: Sequence[Mapping[str, Any]],
    drawn: Mapping[str, Drawn],
    cubes: Mapping[str, Path],
    root: Path,
) -> dict[str, Any]:
    """What the page of a preset tells.

    `told` has an entry a figure, in order: {name, title, paper, reference, experiments, letters};
    `drawn` and `cubes` are the files of figures and of experiments by name, `root` is the folder
    whose records are asked. UnreadableError and StoreError where a file is not what it says it is.
    """
    asked = [*(one.drawing for one in drawn.values()), *(one.claims for one in drawn.values())]
    known = origins([*asked, *cubes.values()], root)
    claims: list[dict[str, Any]] = []
    every: list[Claim] = []
    taken: set[str] = set()
    figures: dict[str, dict[str, Any]] = {}
    for one in told:
        name = one["name"]
        judged = read_claims(drawn[name].claims).claims
        first = len(claims)
        every += judged
        claims += [_claim(claim, one, anchor(claim, taken)) for claim in judged]
        figures[name] = {
            "title": one["title"],
            "paper": one["paper"],
            "experiments": list(one["experiments"]),
            "letters": {e: one["letters"][e] for e in one["experiments"] if e in one["letters"]},
            "caption": _caption(drawn[name].caption),
            "claims": list(range(first, len(claims))),
            "told": summary(judged),
            "drawing": {
                "file": drawn[name].drawing.name,
                "digest": file_digest(drawn[name].drawing),
            },
            "origin": _origin(known, drawn[name].drawing),
            "claims_origin": _origin(known, drawn[name].claims),
        }
    experiments = {name: _experiment(name, cubes[name], figures, known) for name in sorted(cubes)}
    return {
        "preset": preset,
        "from_large": _FROM_LARGE,
        "papers": _papers(told),
        "figures": figures,
        "experiments": experiments,
        "claims": claims,
        "told": summary(every),
        "origins": {
            name: value
            for name, value in asdict(known).items()
            if name in ("files", "settings", "plans", "environments")
        },
    }


def _papers(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    papers: dict[str, dict[str, Any]] = {}
    for one in told:
        name = one["paper"]
        paper = papers.setdefault(
            name, {"name": name, "reference": one["reference"], "figures": []}
        )
        paper["figures"].append(one["name"])
    return list(papers.values())


def _caption(path: Path) -> list[list[dict[str, str]]]:
    """Paragraphs of a caption without the first, which is the title, each in parts."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [caption_parts(line) for line in lines[1:] if line]


def _claim(claim: Claim, figure: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        "anchor": name,
        **{key: getattr(claim, key) for key in _CLAIM},
        "value": claim.value,
        "threshold": claim.threshold,
        "shown": " ".join(filter(None, (number(claim), spread(claim)))),
        "needs": needs(claim),
        "runs": runs(claim),
        "experiments": experiments_of(claim.subject, figure["experiments"], figure["letters"]),
    }


def _experiment(
    name: str, path: Path, figures: Mapping[str, Mapping[str, Any]], known: Origins
) -> dict[str, Any]:
    manifest = read_manifest(manifest_path(path))
    if file_digest(path) != manifest.digest:
        raise StoreError(
            f"{path} is not what {manifest_path(path).name} beside it says; `layeratlas verify` "
            "tells more"
        )
    archive = ZipArchive(path)
    attributes = archive.groups["/"].attributes
    archive.close()
    return {
        "title": str(attributes.get("title") or name),
        "axes": str(attributes.get("axes", "")).split(),
        "file": path.name,
        "size": manifest.size,
        "digest": manifest.digest,
        "content_hash": manifest.content_hash,
        "figures": [figure for figure, told in figures.items() if name in told["experiments"]],
        "origin": _origin(known, path),
    }


def _origin(known: Origins, path: Path) -> int | None:
    """Number of a file among the origins; None where no record knows it."""
    return known.number.get(str(path))
