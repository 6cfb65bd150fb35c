"""What differs between two versions of a cube, or between what two figures were made from."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.graph import Node, ancestors
from layeratlas.provenance.ask.lineage import job_facts
from layeratlas.provenance.ask.naming import find_files, written_by
from layeratlas.provenance.ask.tables import frame
from layeratlas.provenance.ask.values import Change, compare
from layeratlas.provenance.ask.versions import find_version
from layeratlas.provenance.record.keeping import object_path
from layeratlas.provenance.record.places import FIGURE_SUFFIXES
from layeratlas.provenance.record.settings import flat
from layeratlas.provenance.store.index import open_index
from layeratlas.provenance.store.inside import given_file, inside
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import SUFFIX
from layeratlas.words import named

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "kind", "cube", "name", "a", "b", "changed", "compared", "max_abs", "max_rel", "lost", "gained",
)  # fmt: skip
# Which run went to which shard, in what order: no setting of a run, and the cube has them all.
_PACKING = ("plan.key", "plan.run_ids", "plan.members")
_CODE = ("commit", "dirty", "source", "fingerprint", "script", "version", "diff")
_ENVIRONMENT = ("python", "packages", "environment", "lock", "host", "cpu", "gpu", "device")


@dataclass(frozen=True)
class _Side:
    """One of the two: where its record is, if there is one, and its archives by name."""

    nodes: list[Node]
    cubes: dict[str, Path | None]


def diff(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    root: str | os.PathLike[str] | None = None,
    preset: str | None = None,
) -> pd.DataFrame:
    """What differs between `a` and `b`: a DataFrame with a row a difference, none when equal.

    Each is a cube (path, digest, content hash, `NAME@VERSION`) or a figure, whose inputs are then
    compared cube by cube. `kind` is

    - `settings`, `code`, `environment`: of the job or, rule by rule, of the jobs before it (name
      `rule: setting`); `a` and `b` are the values
    - `variable`, `coordinate`, `attribute`: `changed` of `compared` values moved, by at most
      `max_abs` = max |a − b| and `max_rel` = max |a − b| / max(|a|, |b|), over the coordinates
      that both have; a NaN on one side only counts as changed and in neither maximum
    - `coordinate`: `lost` and `gained` list the values that only a, only b has
    - `input`: a figure's input that only one side has, or whose data are no longer stored

    Which variables differ is known from their hashes; only those are read. StoreError when
    a side is unknown.
    """
    near = given_file(a) or given_file(b)
    folder = project_root(root, near=near)
    with open_index(folder) as db:
        one, two = _side(db, a, folder, preset), _side(db, b, folder, preset)
        rows = list(_jobs(db, one.nodes, two.nodes))
    rows += _cubes(one.cubes, two.cubes)
    return frame(rows, COLUMNS, changed="Int64", compared="Int64", max_abs=float, max_rel=float)


def _side(
    db: sqlite3.Connection, what: str | os.PathLike[str], root: Path, preset: str | None
) -> _Side:
    path = given_file(what, root)
    try:
        nodes = ancestors(db, find_files(db, what, root))
    except StoreError as error:
        if path is not None and path.name.endswith(SUFFIX):
            # Values can be compared without a record.
            return _Side([], {_name(path.name): path})
        if path is not None:
            raise
        try:
            path, version = find_version(str(what), root, preset)
        except StoreError as unknown:
            raise (unknown if "@" in str(what) else error) from None
        if version["record"] is None:
            return _Side([], {_name(str(what)): path})
        nodes = ancestors(db, [written_by(db, version["record"], version["digest"])])
    if nodes[0].path.endswith(FIGURE_SUFFIXES):
        # A shown figure is a copy of the drawn one: its inputs are one step further.
        cubes = [node for node in nodes if node.role in ("cube", "cubes")]
        if not cubes:
            raise StoreError(f"no cube is on record among what {named(what)} was made from.")
        return _Side(nodes, {_name(node.path): _data(node, root) for node in cubes})
    place = path if path is not None and path.name.endswith(SUFFIX) else _data(nodes[0], root)
    if place is None:
        raise StoreError(
            f"the data of {named(what)} are no longer there: neither {named(nodes[0].path)} nor "
            "the object store holds them."
        )
    return _Side(nodes, {_name(nodes[0].path): place})


def _name(path: str) -> str:
    return Path(path.partition("@")[0]).name.removesuffix(SUFFIX)


def _data(node: Node, root: Path) -> Path | None:
    """A file that holds this content: its object, else the file at its path if it still does."""
    stored = object_path(root, node.digest, node.path)
    if stored.is_file():
        return stored
    path = inside(root, node.path)
    held = path is not None and path.is_file() and file_digest(path) == node.digest
    return path if held else None


def _jobs(db: sqlite3.Connection, one: list[Node], two: list[Node]) -> Iterator[dict[str, Any]]:
    """Rows for settings, code and environment, the jobs of each rule taken together."""
    left, right = _by_rule(db, one), _by_rule(db, two)
    for kind in ("settings", "code", "environment"):
        for rule in dict.fromkeys((*left, *right)):
            a, b = (side.get(rule, {}).get(kind, {}) for side in (left, right))
            for name in sorted(a.keys() | b.keys()):
                if (was := a.get(name, [])) != (now := b.get(name, [])):
                    yield {
                        "kind": kind,
                        "name": f"{rule}: {name}",
                        "a": _joined(was, now),
                        "b": _joined(now, was),
                    }


def _by_rule(
    db: sqlite3.Connection, nodes: list[Node]
) -> dict[str, dict[str, dict[str, list[str]]]]:
    """{rule: {kind: {name: values among the rule's jobs, as sorted JSON}}}"""
    facts = job_facts(db, (node.record for node in nodes if node.record is not None))
    found: dict[str, dict[str, dict[str, set[str]]]] = {}
    # In the order of the tree: from the figure down to the data set.
    for key in dict.fromkeys(node.record for node in nodes):
        if key is None:
            continue
        job = facts[key]
        settings = {n: v for n, v in flat(job["settings"]).items() if not n.startswith(_PACKING)}
        environment = {name: job[name] for name in _ENVIRONMENT if name != "packages"}
        environment |= (job["packages"] or {}) | (job["variables"] or {})
        code = {name: job[name] for name in _CODE}
        kinds = found.setdefault(job["rule"], {"settings": {}, "code": {}, "environment": {}})
        for kind, values in zip(kinds, (settings, code, environment), strict=True):
            for name, value in values.items():
                if value is not None:
                    kinds[kind].setdefault(name, set()).add(json.dumps(value, sort_keys=True))
    return {
        rule: {kind: {n: sorted(v) for n, v in names.items()} for kind, names in kinds.items()}
        for rule, kinds in found.items()
    }


def _joined(values: list[str], others: list[str]) -> Any:
    """One value as it is, several as a list; long lists of runs as their number."""
    opened = [json.loads(value) for value in values]
    shown = [
        f"{len(value)} entries" if isinstance(value, list) and _is_long(value) else value
        for value in opened
    ]
    if not shown:
        return None
    return shown[0] if len(shown) == 1 else shown


def _is_long(value: list[Any]) -> bool:
    return any(isinstance(item, Mapping) for item in value)


def _cubes(
    one: Mapping[str, Path | None], two: Mapping[str, Path | None]
) -> Iterator[dict[str, Any]]:
    if len(one) == len(two) == 1:
        # Two files given by hand are compared whatever they are called.
        pairs = [(next(iter(one)), next(iter(one.values())), next(iter(two.values())))]
    else:
        for name in sorted(one.keys() ^ two.keys()):
            yield {
                "kind": "input",
                "name": name,
                "a": "used" if name in one else "not used",
                "b": "used" if name in two else "not used",
            }
        pairs = [(name, one[name], two[name]) for name in sorted(one.keys() & two.keys())]
    for name, left, right in pairs:
        if left is None or right is None:
            yield {
                "kind": "input",
                "name": name,
                "a": "stored" if left else "no longer stored",
                "b": "stored" if right else "no longer stored",
            }
            continue
        for change in compare(left, right):
            yield {"cube": name, **_cells(change)}


def _cells(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in Change.__dataclass_fields__}
