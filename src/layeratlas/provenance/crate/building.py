"""From a history to all entities of a Workflow Run RO-Crate, in order."""

from __future__ import annotations

from pathlib import Path

from layeratlas.provenance.crate.entities import Entities, once
from layeratlas.provenance.crate.files import Files
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.jobs import Jobs
from layeratlas.provenance.crate.root import describe_root
from layeratlas.provenance.crate.run import Run
from layeratlas.provenance.crate.workflow import WorkflowFiles


def build_crate(
    history: History,
    workflow: WorkflowFiles | None,
    profile: str,
    licence: tuple[str, str],
    original: Path | None,
) -> Entities:
    """The whole crate; the profiles above `process` need a `workflow`.

    `licence` is (address, name); `original` is where the target was given, if as a path.
    """
    entities = Entities(profile)
    files = Files(entities, history, original)
    jobs = Jobs(entities, files, workflow, history.accepted)
    agents = once(jobs.agent(job) for job in history.jobs)
    actions = [jobs.action(job) for job in history.jobs]
    if entities.holds("workflow"):
        assert workflow is not None
        actions.append(Run(entities, files, jobs, history, workflow).action(actions))
    files.enclose_code()
    describe_root(entities, files, history, licence, agents, actions)
    return entities
