"""What stands at the end: where the files are that were asked for, and what the claims say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from layeratlas.claims.claim import Claim
from layeratlas.claims.counting import departures, summary
from layeratlas.claims.files import read_claims
from layeratlas.errors import StoreError
from layeratlas.words import named, printable, shortened
from layeratlas.workflow.terminal.wording import some

#: Files and departures that are told one by one.
FILES, DEPARTURES = 4, 8
_LONGEST = 200
_FORMATS = (".pdf", ".png", ".svg")


def ending(targets: Iterable[str], results: Path) -> list[str]:
    """Lines about the files that were asked for; `results` is `results/<preset>`."""
    targets = list(dict.fromkeys(targets))
    shown = [path for path in targets if not path.startswith("results/")] or targets
    lines = _places([path for path in shown if Path(path).exists()])
    claims: list[Claim] = []
    wrong: list[str] = []
    for name in dict.fromkeys(filter(None, map(_figure, targets))):
        path = results / "claims" / f"{name}.json"
        if not path.exists():
            continue
        try:
            claims += read_claims(path).claims
        except StoreError as error:
            wrong.append(str(error))
    if claims:
        lines.append(summary(claims))
        told = [f"  departs: {shortened(line, _LONGEST)}" for line in departures(claims)]
        lines += some(told, DEPARTURES, "figures/claims.html, made by `snakemake claims`")
    return lines + wrong


def _figure(path: str) -> str | None:
    """The figure that a file shows, or whose claims it holds."""
    parts = PurePosixPath(path).parts
    if (len(parts) == 2 and parts[0] == "figures") or parts[-2:-1] == ("claims",):
        return parts[-1].partition(".")[0]
    return None


def _places(paths: list[str]) -> list[str]:
    lines = []
    for path in paths[:FILES]:
        there = [
            ending
            for ending in _FORMATS
            if path.endswith(_FORMATS)
            and not path.endswith(ending)
            and Path(path).with_suffix(ending).exists()
        ]
        also = f" (also {', '.join(there)})" if there else ""
        lines.append(f"{printable(named(path))}{also}")
    if len(paths) > FILES:
        folders = sorted({str(PurePosixPath(path).parent) for path in paths})
        lines = [f"{len(paths):,} files in {', '.join(map(named, folders[:3]))}"]
        lines[0] += " and elsewhere" if len(folders) > 3 else ""
    return lines
