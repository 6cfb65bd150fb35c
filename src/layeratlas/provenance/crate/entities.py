"""The entities of a crate as they come together: each once, linked, without lists of one.

Three profiles, each holding the one before (https://w3id.org/ro/wfrun, version 0.5):

    process      a CreateAction a job: tool, inputs, parameters, results, environment
    workflow     + the workflow, its parameters, and its run as one CreateAction
    provenance   + a HowToStep a rule, a ControlAction a job, the engine's OrganizeAction
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from layeratlas.storage.hashing import file_digest

PROFILES = ("process", "workflow", "provenance")
COMPLETED = "http://schema.org/CompletedActionStatus"
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_PARAMETER = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"


class Entities:
    """An RO-Crate 1.1 that grows; `copied` is {place in the crate: (file, its digest)}."""

    def __init__(self, profile: str):
        self.profile = profile
        self.crate = ROCrate(version="1.1")  # the profiles know the terms of 1.1 only
        self.crate.metadata.extra_contexts.append(_TERMS)
        self.copied: dict[str, tuple[Path, str]] = {}
        self._known: dict[str, Entity] = {}

    def holds(self, profile: str) -> bool:
        """Whether the crate's profile holds all of this one."""
        return PROFILES.index(self.profile) >= PROFILES.index(profile)

    def add(self, identifier: str, types: Any, /, **facts: Any) -> Entity:
        """An entity that is no file, once; None and empty lists are left out."""
        if identifier not in self._known:
            properties = {"@type": types, **_given(facts)}
            entity = ContextEntity(self.crate, identifier, properties=properties)
            self._known[identifier] = self.crate.add(entity)
        return self._known[identifier]

    def enclose(
        self, place: str, path: Path, digest: str | None, types: Any = "File", **facts: Any
    ) -> Entity:
        """A file of the crate, once, told with its sha256, which is checked after copying.

        `digest` is the one on record; without it that of the file as it is.
        """
        if place not in self._known:
            digest = digest or file_digest(path)
            properties = {"@type": types, **_given({"sha256": digest} | facts)}
            self._known[place] = self.crate.add_file(path, place, properties=properties)
            self.copied[place] = (path, digest)
        return self._known[place]

    def enclose_main(
        self, place: str, path: Path, properties: dict[str, Any], **more: Any
    ) -> Entity:
        """The workflow that the crate is of, as `enclose`."""
        digest = file_digest(path)
        self.copied[place] = (path, digest)
        self._known[place] = self.crate.add_workflow(
            path, place, main=True, properties=properties | {"sha256": digest}, **more
        )
        return self._known[place]

    def value(self, name: str, value: Any) -> Entity:
        """A name with a value, once in the crate whichever jobs share it."""
        if value is None or isinstance(value, dict | list | tuple):
            value = json.dumps(value, sort_keys=True, ensure_ascii=False)
        key = short_hash(json.dumps([name, value], sort_keys=True))
        return self.add(f"#value-{key}", "PropertyValue", name=name, value=value)

    def declare(self, tool: Entity, owner: str, direction: str, name: str, of: Entity) -> None:
        """Say that `of` is an example of the parameter `name` of a tool.

        `owner` tells equal names of different tools apart; `direction` is input or output.
        """
        if not self.holds("workflow"):
            return
        parameter = self.add(
            f"#{slug(owner)}-{direction}-{slug(name)}",
            "FormalParameter",
            name=name,
            additionalType=_kind(of),
            conformsTo={"@id": _PARAMETER},
        )
        link(tool, direction, parameter)
        link(of, "exampleOfWork", parameter)


def link(entity: Entity, name: str, other: Entity) -> None:
    """Add `other` to a property of `entity`, once, without lists of one."""
    known = entity.get(name)
    known = [] if known is None else known if isinstance(known, list) else [known]
    if other not in known:
        entity[name] = [*known, other] if known else other


def once(entities: Iterable[Entity | None]) -> list[Entity]:
    """Each entity once, in order of first mention; None is left out."""
    return list({entity.id: entity for entity in entities if entity is not None}.values())


def one_or_many(value: Any) -> Any:
    """RO-Crate asks for one thing instead of a list of one, and for nothing instead of none."""
    if isinstance(value, list) and len(value) < 2:
        return value[0] if value else None
    return value


def slug(text: str) -> str:
    """`text` as a part of an identifier."""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", text)


def short_hash(text: str) -> str:
    """16 hexadecimal digits of the sha256 of `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def iso_time(text: str) -> str:
    """ISO 8601 with milliseconds and an offset, as the profiles ask for."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _given(facts: dict[str, Any]) -> dict[str, Any]:
    told = {name: one_or_many(value) for name, value in facts.items()}
    return {name: value for name, value in told.items() if value is not None}


def _kind(entity: Entity) -> str:
    types = entity.type if isinstance(entity.type, list) else [entity.type]
    if "File" in types:
        return "File"
    value = entity.get("value")
    kinds = ((bool, "Boolean"), (int, "Integer"), (float, "Float"), (str, "Text"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "PropertyValue")
