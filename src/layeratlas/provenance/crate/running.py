"""All that a crate takes to run where it is unpacked, without the repository that it came from."""

from __future__ import annotations

import hashlib
from pathlib import Path

from layeratlas.provenance.crate.code import users_files
from layeratlas.provenance.crate.experiments import experiment_files
from layeratlas.provenance.crate.files import Files
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.layout import ORIGIN, SETTINGS
from layeratlas.provenance.crate.notes import notes_of, shown
from layeratlas.provenance.crate.workflow import WorkflowFiles
from layeratlas.provenance.record.code_archive import code_archive
from layeratlas.provenance.record.origin import Origin

_SOFTWARE = ["File", "SoftwareSourceCode"]
_SETTINGS = """\
# The settings of this crate: the size of its results. Every other setting has its default.
preset: {preset}
"""


def targets_of(history: History) -> tuple[str, ...]:
    """What the workflow makes in the crate: the figure as it is shown, with its tables and
    animation; or the cube."""
    found = []
    for job in history.jobs:
        paths = [file.path for file in job.outputs]
        if job is history.maker and job.activity.rule == "draw_figure":
            found.append(f"figures/{job.activity.figure}.pdf")
        elif job is history.maker or job.activity.rule in ("animate_figure", "write_table"):
            found.append(paths[0])
    # First the very target, which is what `make` is told to make.
    return tuple(sorted(found, key=lambda path: not path.endswith((".pdf", ".zarr.zip"))))


def enclose_running(
    files: Files, history: History, workflow: WorkflowFiles, is_stale: bool, scratch: Path
) -> None:
    """Enclose code, settings, experiments, users' files and notes of the workflow."""
    for place, path in workflow.files().items():
        types = _SOFTWARE if place.endswith((".py", ".smk")) else "File"
        files.enclose_plain(place, path, types)
    for path in experiment_files(history, workflow.experiments):
        files.enclose_plain(f"config/experiments/{path.name}", path)
    base = workflow.folder
    for place, path in users_files(history, base, is_stale, _folder(scratch, "users")).items():
        files.enclose_plain(place, path, _SOFTWARE, description="A file of the crate's authors")
    written = _folder(scratch, "written")
    settings = written / "config.yaml"
    settings.write_text(_SETTINGS.format(preset=history.maker.activity.preset), encoding="utf-8")
    files.enclose_plain(SETTINGS, settings)
    origin = written / ORIGIN
    origin.write_bytes(_origin(history, workflow).content())
    told = "Which code this is, and what Snakemake makes of it here"
    files.enclose_plain(ORIGIN, origin, description=told)
    for place, path in notes_of(history, _folder(scratch, "notes")).items():
        files.enclose_plain(place, path, description="A note of the workflow")
    for place, file in shown(history, _folder(scratch, "shown")).items():
        if isinstance(file, Path):
            files.enclose_plain(place, file, description="A note of the workflow")
        else:
            files.enclose_copy(place, file)


def _origin(history: History, workflow: WorkflowFiles) -> Origin:
    state = workflow.state
    archive = code_archive(workflow.folder, workflow.package)
    digest = hashlib.sha256(archive).hexdigest()
    return Origin(digest, state.commit, state.dirty, state.repository, targets_of(history))


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder
