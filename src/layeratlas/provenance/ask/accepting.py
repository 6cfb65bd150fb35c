"""Accepting results as they stand: `layeratlas accept TARGET --because "…"`."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import chdir, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.expectations import Present
from layeratlas.provenance.ask.lineage import job_facts
from layeratlas.provenance.ask.naming import find_files
from layeratlas.provenance.ask.tables import frame
from layeratlas.provenance.store.index import open_index
from layeratlas.provenance.store.inside import given_file
from layeratlas.provenance.store.reading import project_root
from layeratlas.words import listed, named, quoted
from layeratlas.workflow.acceptances import (
    FOLDER,
    Acceptance,
    AcceptedJob,
    JobKey,
    job_key,
    write_acceptance,
)
from layeratlas.workflow.jobs import JOBS, NotAskedError

if TYPE_CHECKING:
    import pandas as pd

    from layeratlas.workflow.planning import Workflow

COLUMNS = ("rule", "what", "reason", "acceptance")
LONGEST = 2000
# What an acceptance can speak of: of these, result and what it was made from are known.
_DIFFERENCES = ("code", "settings", "inputs")
_WORDS = {
    "no_receipt": "it has no receipt, so nobody knows from what it was made",
    "results": "its files are not those that its job made (`layeratlas verify` says more)",
}


def accept(
    target: str | os.PathLike[str], because: str, root: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Record that changes since do not matter for a result, nor for what it was made from.

    `target` is a result on record, by path or hash. All its ancestors that would run again, because
    code, settings or inputs are not what they were, are accepted as they stand: the workflow makes
    none of them anew until something changes again, and `lineage` tells by whom, when and why.
    A DataFrame with a row a job: rule, what it works on, reason, id of the acceptance.

    StoreError where no reason is given, nothing on record fits, the result or an ancestor is not
    what its job made, or all is up to date.
    """
    words = " ".join(because.split())
    if not words or len(words) > LONGEST:
        raise StoreError(
            f"--because has {len(words)} characters: say in 1 to {LONGEST} why the change does not "
            "matter for this result; whoever reads its lineage will want to know."
        )
    folder = project_root(root, near=given_file(target))
    with open_index(folder) as db:
        nodes = [node for node in find_files(db, target, folder) if node.record is not None]
        if not nodes:
            raise StoreError(f"{quoted(str(target))}: no job on record made it.")
        facts = job_facts(db, [nodes[0].record])[nodes[0].record]
    preset = facts["preset"] or "laptop"
    present = Present(folder)
    with chdir(folder):
        workflow = present.workflow(preset)
        if workflow is None:
            raise StoreError(f"{named(folder)}: {present.problem}: nothing can be accepted by it.")
        jobs = list(_differing(workflow, facts["rule"], facts["wildcards"]))
    if not jobs:
        raise StoreError(
            f"{quoted(str(target))} and all that it was made from are up to date: there is nothing "
            "to accept."
        )
    now = datetime.now(UTC)
    given = Acceptance(
        id=f"{now:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}",
        given=now.isoformat(timespec="seconds"),
        by=_by(),
        because=words,
        target=nodes[0].path or str(target),
        jobs=tuple(jobs),
    )
    write_acceptance(folder / "results" / preset / FOLDER, given)
    rows = [
        {
            "rule": job.rule,
            "what": " ".join(dict.fromkeys(job.wildcards.values())),
            "reason": job.reason,
            "acceptance": given.id,
        }
        for job in jobs
    ]
    return frame(rows, COLUMNS)


def _differing(workflow: Workflow, rule: str, wildcards: dict[str, str]) -> Iterator[AcceptedJob]:
    """A job and those that it builds on, of which something is not as it was; its own first."""
    receipts = workflow.receipts
    todo, seen = [(rule, wildcards)], set[JobKey]()
    while todo:
        rule, wildcards = todo.pop()
        if job_key(rule, wildcards) in seen:
            continue
        seen.add(job_key(rule, wildcards))
        about = " ".join([rule, *dict.fromkeys(wildcards.values())])
        if rule not in JOBS:
            raise StoreError(f"{about}: this version has no such rule.")
        reason = receipts.difference(rule, wildcards)
        try:
            upstream = JOBS[rule].upstream(workflow, wildcards)
            if reason is not None and not receipts.is_accepted(rule, wildcards):
                if reason not in _DIFFERENCES:
                    raise StoreError(
                        f"{about} cannot be accepted: {_WORDS.get(reason, reason)}; make it again. "
                        f"What can be is a change of {listed(_DIFFERENCES)}."
                    )
                situation = receipts.situation(rule, wildcards)
                yield AcceptedJob(rule, dict(wildcards), reason, situation)
        except NotAskedError as error:
            raise StoreError(
                f"{about} cannot be accepted: nobody asks for it now ({error})."
            ) from error
        todo += [(other, dict(at)) for other, at in upstream]


def _by() -> str:
    user = "somebody"
    with suppress(KeyError, OSError):
        user = getpass.getuser()
    return f"{user} on {socket.gethostname()}"
