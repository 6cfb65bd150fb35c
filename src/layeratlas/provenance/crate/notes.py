"""What the workflow notes beside results, so that where a crate is unpacked nothing is made again.

Receipts of the jobs, plans and manifests of archives that are not enclosed themselves (shards,
measurements, prepared data sets), what was accepted, and the figure as it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from layeratlas.errors import LayerAtlasError
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.record.schema import FileState
from layeratlas.provenance.store.inside import inside
from layeratlas.runs.plan import SUFFIX as PLAN
from layeratlas.storage.manifest import SUFFIX
from layeratlas.workflow.acceptances import (
    FOLDER,
    JobKey,
    job_key,
    read_acceptances,
    write_acceptance,
)
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.receipts import receipt_path, written_receipt

_SHOW = "show_figure"
Jobs = list[tuple[str, dict[str, str]]]


def notes_of(history: History, scratch: Path) -> dict[str, Path]:
    """{place in the crate: file} of the notes; `scratch` is an empty folder for those to write."""
    preset = history.maker.activity.preset or "laptop"
    found: dict[str, Path] = {}
    places = [receipt_path(preset, rule, at).as_posix() for rule, at in _jobs(history, preset)]
    for job in history.jobs:
        for file in (*job.outputs, *job.inputs):
            if file.path.endswith(SUFFIX):
                stem = file.path.removesuffix(SUFFIX)
                places += [f"{stem}.json", f"{stem}{PLAN}"]
    for place in places:
        path = inside(history.root, place)
        if path is not None and path.is_file():
            found[place] = path
    return found | _accepted(history, preset, scratch)


def shown(history: History, scratch: Path) -> dict[str, FileState | Path]:
    """{place in the crate: the file of the history, or one in `scratch`} of a drawn figure as the
    workflow shows it, below `figures`; the exporter does that rule's work, and leaves its receipt.

    Nothing for another target, or where today's workflow does not ask for the figure.
    """
    figure = history.maker.activity.figure
    drawn = [file for file in history.maker.outputs if file.path.startswith("results/")]
    judged = [job for job in history.jobs if job.activity.rule == "check_claims"]
    if history.maker.activity.rule != "draw_figure" or figure is None or not judged:
        return {}
    (claims,) = judged[-1].outputs
    found: dict[str, FileState | Path] = {
        f"figures/{PurePosixPath(file.path).name}": file for file in drawn
    }
    found[f"figures/{figure}.claims.json"] = claims
    preset = history.maker.activity.preset or "laptop"
    workflow, wildcards = history.present.workflow(preset), {"figure": figure}
    if workflow is None:
        return found
    try:
        held = {file.path: file.digest for file in (*drawn, claims)}
        content = written_receipt(workflow, _SHOW, wildcards, held)
    except LayerAtlasError:
        return found
    receipt = scratch / "receipt.json"
    receipt.write_bytes(content)
    found[receipt_path(preset, _SHOW, wildcards).as_posix()] = receipt
    return found


def _jobs(history: History, preset: str) -> Jobs:
    """The jobs of the history, and those that the workflow of today takes the maker to build on."""
    ran = [(job.activity.rule, dict(job.activity.wildcards)) for job in history.jobs]
    found: dict[JobKey, tuple[str, dict[str, str]]] = {
        job_key(rule, at): (rule, at) for rule, at in ran if rule in JOBS
    }
    workflow = history.present.workflow(preset)
    todo = [*found.values()] if workflow is not None else []
    while todo:
        for rule, at in _upstream(workflow, *todo.pop()):
            if (key := job_key(rule, at)) not in found:
                found[key] = (rule, at)
                todo.append((rule, at))
    return [*found.values()]


def _upstream(workflow: Workflow | None, rule: str, at: dict[str, str]) -> Jobs:
    try:
        return [] if workflow is None else JOBS[rule].upstream(workflow, at)
    except (LayerAtlasError, KeyError):
        # There is no such job any more, or its wildcards are of an earlier version.
        return []


def _accepted(history: History, preset: str, scratch: Path) -> dict[str, Path]:
    """What was accepted of these jobs, without the name of the host."""
    return {
        f"results/{preset}/{FOLDER}/{path.name}": path
        for path in _written(history, preset, scratch)
    }


def _written(history: History, preset: str, scratch: Path) -> Iterator[Path]:
    records = {job.id for job in history.jobs}
    for given in read_acceptances(history.root / "results" / preset / FOLDER):
        ours = tuple(job for job in given.jobs if job.record in records)
        if ours:
            by = given.by.partition(" on ")[0]
            yield write_acceptance(scratch / FOLDER, replace(given, by=by, jobs=ours))
