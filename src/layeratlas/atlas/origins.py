"""Where files come from, as plain data: each with the job that made it, out of the records.

Nothing that differs between two makings of the same content (times, hosts, names of records) is
told, so that the same content gives the same text.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.graph import Node, ancestors
from layeratlas.provenance.ask.lineage import job_facts
from layeratlas.provenance.ask.naming import find_files
from layeratlas.provenance.store.index import open_index
from layeratlas.provenance.store.reading import project_root
from layeratlas.provenance.tell.grouping import noun

__all__ = ["Origins", "origins"]

_CODE = ("commit", "dirty", "source", "version", "environment")
# Of how a job was asked for it matters what was asked, not which runs one by one: these are in the
# cube, with their coordinates.
_RUNS = "runs"


@dataclass
class Origins:
    """Files with the jobs that made them.

    `files` are ordered, each {kind, name, path, digest, content_hash, commit, dirty, source,
    version, environment, settings, plan, made_from}; `made_from` are numbers of other files,
    `settings`, `plan` and `environment` keys of the mappings beside them. `number` gives the number
    of a file that was asked for; files that no record knows are in `unknown`, with the reason.
    """

    files: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    plans: dict[str, Any] = field(default_factory=dict)
    environments: dict[str, Any] = field(default_factory=dict)
    number: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


def origins(paths: Iterable[str | os.PathLike[str]], root: str | os.PathLike[str]) -> Origins:
    """Origins of the files at `paths`, and of all that they were made from, as the records under
    `root` have it."""
    found = Origins()
    folder = project_root(root)
    with open_index(folder) as db:
        starts: dict[str, Node] = {}
        for path in (os.fspath(one) for one in paths):
            try:
                # A file is one node; documents that carry several figures are not asked for.
                starts[path] = find_files(db, Path(path), folder)[0]
            except StoreError as error:
                found.unknown[path] = str(error)
        nodes = ancestors(db, _different(starts.values()))
        facts = job_facts(db, (node.record for node in nodes if node.record is not None))
        numbers = _in_order(nodes)
        place = {_key(node): numbers[i] for i, node in enumerate(nodes)}
        found.number = {path: place[_key(node)] for path, node in starts.items()}
        made_from: dict[int, set[int]] = {}
        for i, node in enumerate(nodes):
            for user in node.used_by:
                made_from.setdefault(user, set()).add(numbers[i])
        for i in sorted(range(len(nodes)), key=numbers.__getitem__):
            fact = facts.get(nodes[i].record, {})
            found.files.append(_file(nodes[i], fact, sorted(made_from.get(i, ())), found))
    return found


def _key(node: Node) -> tuple[int | None, str]:
    return node.record, node.identity


def _different(nodes: Iterable[Node]) -> list[Node]:
    return list({_key(node): node for node in nodes}.values())


def _in_order(nodes: list[Node]) -> list[int]:
    """Number of each node: by depth, then by path and content, whatever the order of records."""
    order = sorted(
        range(len(nodes)),
        key=lambda i: (nodes[i].depth, nodes[i].path, nodes[i].digest, nodes[i].identity),
    )
    numbers = [0] * len(nodes)
    for number, i in enumerate(order):
        numbers[i] = number
    return numbers


def _file(
    node: Node, fact: Mapping[str, Any], made_from: list[int], found: Origins
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": noun(fact.get("rule"), node.role),
        "name": _name(node, fact),
        "path": node.path,
        "digest": node.digest,
        "content_hash": node.content_hash,
        "mark": node.mark,
        "made_from": made_from,
    }
    if not fact:
        return told
    told |= {name: fact.get(name) for name in _CODE}
    asked, key = dict(fact["settings"]), str(fact["configuration"])
    plan = asked.get("plan")
    if isinstance(plan, dict) and "run_ids" in plan and "key" in plan:
        # Training and measuring have the same plan: once.
        found.plans[plan["key"]] = plan
        told["plan"] = plan["key"]
        del asked["plan"]
    elif isinstance(plan, dict):
        asked["plan"] = {name: value for name, value in plan.items() if name != _RUNS}
    found.settings[key] = asked
    told["settings"] = key
    found.environments[str(fact["environment"])] = {
        name: fact.get(name) for name in ("python", "packages")
    }
    return told


def _name(node: Node, fact: Mapping[str, Any]) -> str:
    name = node.path.rpartition("/")[2].removesuffix(".zarr.zip")
    if fact.get("rule") == "prepare_dataset" and fact.get("dataset"):
        return f"{fact['dataset']} {name[:8]}"
    return name
