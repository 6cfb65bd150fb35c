"""The results that stand in a project: what a record may speak of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from layeratlas.provenance.record.places import FIGURE_SUFFIXES
from layeratlas.storage.manifest import SUFFIX

PUBLISHED = ("results", "figures")
# What the workflow notes for itself beside results: no job's result, and no record's.
_NOTES = {"receipts", "changed", "logs", "accepted"}


def published_files(project: Path) -> Iterator[Path]:
    """Archives, figures and claims under results/ and figures/; manifests go with archives."""
    for top in PUBLISHED:
        for path in sorted((project / top).rglob("*")):
            # results/receipts/… and results/<preset>/receipts/…
            if top == "results" and _NOTES & set(path.relative_to(project).parts[1:3]):
                continue
            if path.name.startswith(".") or not path.is_file():
                continue
            if path.name.endswith((SUFFIX, *FIGURE_SUFFIXES)) or (
                path.suffix == ".json"
                and not path.name.endswith(".plan.json")
                and not path.with_name(path.stem + SUFFIX).exists()
            ):
                yield path
