"""From a history to all entities of a Workflow Run RO-Crate, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from layeratlas.config.people import Author
from layeratlas.provenance.crate.authors import person
from layeratlas.provenance.crate.code import installed
from layeratlas.provenance.crate.entities import Entities
from layeratlas.provenance.crate.experiments import own_data
from layeratlas.provenance.crate.files import Files
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.jobs import Jobs
from layeratlas.provenance.crate.readme import readme
from layeratlas.provenance.crate.root import describe_root
from layeratlas.provenance.crate.run import Run
from layeratlas.provenance.crate.running import enclose_running, targets_of
from layeratlas.provenance.crate.standing import Standing
from layeratlas.provenance.crate.workflow import WorkflowFiles


@dataclass(frozen=True)
class Asked:
    """What whoever exports decides, and what was found out for them.

    `licence` is (address, name); `original` is where the target was given, if as a path; cubes of
    more than `most` bytes are left out.
    """

    profile: str
    licence: tuple[str, str]
    original: Path | None = None
    most: int | None = None
    authors: tuple[Author, ...] = ()
    standing: Standing = field(default_factory=Standing)


def build_crate(
    history: History, workflow: WorkflowFiles | None, asked: Asked, scratch: Path
) -> Entities:
    """The whole crate; the profiles above `process` need a `workflow`.

    `scratch` is an empty folder for files that are written for the crate.
    """
    entities = Entities(asked.profile)
    files = Files(entities, history, asked.original, scratch, asked.most)
    authors = [person(entities, author) for author in asked.authors]
    jobs = Jobs(entities, files, workflow, history.accepted, authors)
    actions = [jobs.action(job) for job in history.jobs]
    targets: tuple[str, ...] = ()
    if entities.holds("workflow"):
        assert workflow is not None
        actions.append(Run(entities, files, jobs, history, workflow, authors).action(actions))
        targets = targets_of(history)
        enclose_running(files, history, workflow, asked.standing.is_stale, scratch)
    files.enclose_code()
    text = partial(readme, history, targets, _lacking(history))
    licence, standing = asked.licence, asked.standing
    describe_root(entities, files, history, licence, authors, actions, standing, text)
    return entities


def _lacking(history: History) -> list[str]:
    """What a crate does not hold and needs, a sentence each."""
    found = []
    if data := own_data(history):
        paths = ", ".join(f"`{path}`" for path in data)
        found.append(f"To run it needs data of its authors at {paths}, which are not enclosed.")
    if packages := installed(history):
        names = ", ".join(packages)
        found.append(f"To run it needs these packages, which are not enclosed: {names}.")
    return found
