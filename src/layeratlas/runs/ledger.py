"""The ledger: plans that jobs leave beside their shards, and whether they are believed.

A plan's key follows from its run ids; but an id stands for settings, and a plan whose ids are right
beside values that were exchanged would label one run's numbers as another's. So the ids are held
against the settings that the plan puts beside them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from operator import itemgetter
from pathlib import Path
from typing import Any

from layeratlas.bounded.documents import read_json
from layeratlas.bounded.seals import SEAL, check_seal
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.runs.members import Members, shared_settings, together
from layeratlas.runs.plan import SUFFIX, ShardPlan
from layeratlas.runs.run import Run, canonical_json, run_id
from layeratlas.runs.sharding import shard_key
from layeratlas.words import listed, quoted

_FINISHED = (".zarr.zip", ".json")
_DIGITS = re.compile("[0-9a-f]+")


def read_plan(path: str | os.PathLike[str]) -> ShardPlan:
    """The plan in a file, its ids not yet held against its settings (`misfit`).

    UnreadableError where it is no whole plan, or its key is not that of its runs and moments, or
    not that of its name. Its seal is not looked at: what counts in a plan follows from its ids.
    """
    return _named(read_json(path), path)


def check_plan(path: str | os.PathLike[str], members: Members) -> bool:
    """Whether the plan in a file is sealed.

    UnreadableError where it does not fit its seal, or as of `read_plan`, or where an id is not that
    of the settings beside it; `members` are those of its kind.
    """
    document = read_json(path)
    plan = _named(document, path)
    has_seal = check_seal(document, path)
    if reason := misfit(plan, members):
        raise UnreadableError(path, reason)
    return has_seal


def read_ledger(
    folder: Path,
    runs: Sequence[Run],
    members: Members,
    warn: Callable[[str], None] = lambda sentence: None,
) -> list[ShardPlan]:
    """Plans in a folder that hold wanted `runs`, and whose shard is finished or holds no others.

    A plan that cannot be read, or whose ids are not those of its settings, is left out with one
    sentence to `warn`: it costs training its runs again, nothing more.
    """
    wanted = {run.id: run for run in runs}
    plans = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            plan = read_plan(path)
            held = [run in wanted for run in plan.run_ids]
            # The manifest is left where the weights of a finished shard were given up.
            finished = any(path.with_name(plan.key + end).exists() for end in _FINISHED)
            if not (any(held) if finished else all(held)):
                continue
            if reason := misfit(plan, members, wanted):
                raise UnreadableError(path, reason)
        except StoreError as error:
            warn(f"{error}; this plan is left out and its runs are planned anew: remove the file")
            continue
        plans.append(plan)
    return plans


def misfit(plan: ShardPlan, members: Members, known: Mapping[str, Run] | None = None) -> str | None:
    """In what an id of a plan is not that of the settings beside it, in words; None if in nothing.

    The settings of `known` runs, by id, are compared, those of others hashed.
    """
    if other := sorted(set(plan.members) - set(members)):
        return f"varies {listed(other)}, which this version does not"
    own = {name: members[name] for name in plan.members}
    held = [*map((known or {}).__contains__, plan.run_ids)]
    if known and any(held):
        runs = map(known.__getitem__, compress(plan.run_ids, held))
        if not _are(plan, own, held, [run.settings for run in runs]):
            held = [False] * plan.size
    for i in (i for i, told in enumerate(held) if not told):
        values = {member: column[i] for member, column in plan.members.items()}
        try:
            fits = run_id(together(plan.shared, values, own)) == plan.run_ids[i]
        except ValueError:
            fits = False
        if not fits:
            run = plan.run_ids[i]
            return f"run {run} is not that of the settings beside it: edited or decayed"
    return None


def _are(
    plan: ShardPlan, own: Members, held: Sequence[bool], settings: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether the runs of a plan that are `held` have just these settings.

    A column at a time: runs come by the ten thousand, and planning reads all their plans.
    """
    shared: dict[str, Any] = {}
    try:
        for member, path in own.items():
            column: Iterable[Any] = settings
            for part in path:
                column = map(itemgetter(part), column)
            found, asked = list(column), list(compress(plan.members[member], held))
            # 1 is not 1.0: it has another id.
            if found != asked or [*map(type, found)] != [*map(type, asked)]:
                return False
        for name in settings[0].keys() - {path[0] for path in own.values() if len(path) == 1}:
            # Seeds of one point hold the very same sections: they are looked at once.
            sections = [*map(itemgetter(name), settings)]
            each = list(dict(zip(map(id, sections), sections, strict=True)).values())
            inside = {path[1:] for path in own.values() if path[0] == name}
            if {*map(len, inside)} == {1}:
                each = [{k: v for k, v in one.items() if (k,) not in inside} for one in each]
            elif inside:
                inner = {str(path): path for path in inside}
                each = [shared_settings(one, inner) for one in each]
            if each.count(each[0]) < len(each):
                return False
            shared[name] = each[0]
        if {*map(len, settings)} != {len(settings[0])}:
            return False
        # As text, for the same reason; what expansion made is typed alike throughout.
        shared = {name: section for name, section in shared.items() if section != {}}
        return canonical_json(shared) == canonical_json(plan.shared)
    except (KeyError, TypeError, ValueError):
        return False


def _named(document: Any, path: str | os.PathLike[str]) -> ShardPlan:
    plan = parse_plan(document, path)
    if Path(path).name != f"{plan.key}{SUFFIX}":
        raise UnreadableError(path, f"is the plan of another shard, {plan.key}")
    return plan


def parse_plan(document: Any, path: str | os.PathLike[str]) -> ShardPlan:
    """The plan that a document is, which came from `path`; errors as of `read_plan`."""
    try:
        plan = ShardPlan.from_json(document)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableError(path, "is no plan of a shard") from None
    size = len(plan.run_ids)
    if not (
        {*document} - {SEAL} == {*ShardPlan.__dataclass_fields__}
        and size
        and plan.shared
        and isinstance(plan.shared, Mapping)
        and {*map(type, plan.run_ids)} == {str}
        and {*map(len, plan.run_ids)} == {16}
        and _DIGITS.fullmatch("".join(plan.run_ids))
        and all(len(values) == size for values in plan.members.values())
    ):
        raise UnreadableError(path, "is no plan of a shard")
    if len(set(plan.run_ids)) < size:
        raise UnreadableError(path, "holds one run twice")
    key = shard_key(plan.run_ids, plan.checkpoints)
    if plan.key != key:
        raise UnreadableError(
            path, f"has the key {quoted(plan.key, 40)}, its runs and moments have {key}"
        )
    return plan
