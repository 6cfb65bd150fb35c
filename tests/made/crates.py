"""Reading crates as a stranger would: the JSON, and the files beside it."""

from __future__ import annotations

import json
from pathlib import Path

FIGURE = "results/smoke/figures/phase_diagram_fidelity.pdf"


CUBE = "results/smoke/cubes/phase_diagram_dropout.zarr.zip"


METADATA = "ro-crate-metadata.json"


def graph(crate: Path) -> dict[str, dict]:
    content = json.loads((crate / METADATA).read_text(encoding="utf-8"))
    return {entity["@id"]: entity for entity in content["@graph"]}


def of_type(entities: dict[str, dict], kind: str) -> list[dict]:
    return [e for e in entities.values() if kind in (e["@type"], *e["@type"])]


def names(crate: Path) -> set[str]:
    return {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()}


def ids(value) -> set[str]:
    return {item["@id"] for item in (value if isinstance(value, list) else [value])}
