"""The crate itself: title, licence, authors, papers, profiles, and how its target stands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

from rocrate.model.entity import Entity

from layeratlas.papers import FIGURES
from layeratlas.provenance.crate.entities import (
    PROFILES,
    Entities,
    iso_time,
    one_or_many,
    short_hash,
)
from layeratlas.provenance.crate.files import Files
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.layout import README
from layeratlas.provenance.crate.standing import Standing
from layeratlas.provenance.record.settings import plain_settings

STALE = "Stale"
_VERSION = "0.5"


def describe_root(
    entities: Entities,
    files: Files,
    history: History,
    licence: tuple[str, str],
    authors: list[Entity],
    actions: list[Entity],
    standing: Standing,
    readme: Callable[[str, str], str],
) -> None:
    """Fill in the root of the crate; `licence` is (address, name), `readme` gives the text of the
    README for the crate's name and description."""
    crate = entities.crate
    root = crate.root_dataset
    name, about = _title(history)
    missing = [file.path for file in history.enclosed if files.is_missing(file)]
    told = f" Not enclosed, as they were not found: {', '.join(missing)}." if missing else ""
    gaps = f" No record tells who made {', '.join(history.gaps)}." if history.gaps else ""
    root["name"] = name
    large = ", ".join(f"{file.path} (sha256 {file.digest})" for file in files.left_out)
    out = f" Left out for their size: {large}." if large else ""
    root["description"] = f"{about}{told}{out}{gaps} {standing.words()}".rstrip()
    if standing.is_stale:
        for entity in (root, files.entity(history.target)):
            entity["creativeWorkStatus"] = STALE
        files.entity(history.target)["description"] = standing.words()
    root["datePublished"] = iso_time(history.maker.ended)
    address, spelled = licence
    root["license"] = entities.add(
        address,
        "CreativeWork",
        name=spelled,
        description="Of results and code; data sets keep their own licences, stated with them.",
    )
    if authors:
        root["author"] = one_or_many(authors)
    root["mentions"] = [*actions, *crate.get_by_type("OrganizeAction")]
    if cited := _papers(entities, history):
        root["citation"] = one_or_many(cited)
    root["conformsTo"] = _profiles(entities)
    text = readme(name, root["description"])
    crate.add_file(
        StringIO(text),
        README,
        properties={
            "name": "README",
            "about": root,
            "encodingFormat": "text/markdown",
            "contentSize": str(len(text.encode())),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        },
    )


def _profiles(entities: Entities) -> list[Entity]:
    profiles = [
        (f"https://w3id.org/ro/wfrun/{name}/{_VERSION}", f"{name.title()} Run Crate", _VERSION)
        for name in PROFILES
        if entities.holds(name)
    ]
    if entities.holds("workflow"):
        address = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
        profiles.append((address, "Workflow RO-Crate", "1.0"))
    return [
        entities.add(uri, "CreativeWork", name=name, version=version)
        for uri, name, version in profiles
    ]


def _papers(entities: Entities, history: History) -> list[Entity]:
    found = {}
    for job in history.jobs:
        text = _described(job.configuration.value).get("references")
        if text and isinstance(text, str):
            found[address_of(text)] = text
    return [
        entities.add(address, "ScholarlyArticle", name=text, url=None)
        for address, text in sorted(found.items())
    ]


def _described(settings: dict[str, Any]) -> dict[str, Any]:
    """What the job that assembled a cube was told of its experiment."""
    plan = plain_settings(settings).get("plan")
    described = plan.get("description") if isinstance(plan, dict) else None
    return described if isinstance(described, dict) else {}


def address_of(reference: str) -> str:
    """Where a reference leads: its DOI, else its arXiv number, else a name inside the crate."""
    if found := re.search(r"doi:\s*(\S+?)[,;]?(?:\s|$)", reference):
        return f"https://doi.org/{found[1]}"
    if found := re.search(r"arXiv[: ]\s*(\d{4}\.\d{4,5})", reference):
        return f"https://arxiv.org/abs/{found[1]}"
    return f"#paper-{short_hash(reference)}"


def _title(history: History) -> tuple[str, str]:
    """Name and description of the crate."""
    file = PurePosixPath(history.target.path).name
    activity = history.maker.activity
    figure = FIGURES.get(activity.figure or activity.wildcards.get("figure", ""))
    if figure is not None:
        return figure.title, f"{figure.caption} With its cubes, claims, code and parameters."
    described = _described(history.maker.configuration.value)
    title = described.get("title") or file
    summary = described.get("summary") or f"{file}, made by Layer Atlas."
    return title, f"{summary} With code and parameters of the jobs that made it."
