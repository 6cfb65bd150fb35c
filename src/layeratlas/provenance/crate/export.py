"""Export a figure or cube with how it was made, as a Workflow Run RO-Crate.

    export_crate("figures/phase_diagram.pdf", "phase_diagram.crate.zip")

A crate is a folder or zip whose `ro-crate-metadata.json` other tools understand. It holds the
figure in all formats, its cubes, its claims, the workflow's files; shards and prepared data sets
are described by their sha256. It is made from the records and from nothing else, so the same
records and files give the same bytes.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import Literal

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.history import History, trace
from layeratlas.provenance.crate.layout import METADATA
from layeratlas.provenance.crate.workflow import WorkflowFiles
from layeratlas.provenance.store.inside import given_file
from layeratlas.storage.atomic import store_errors, temporary_beside
from layeratlas.storage.export import folder_beside
from layeratlas.storage.hashing import file_digest
from layeratlas.temporaries import scratch_folder
from layeratlas.words import named, quoted

Profile = Literal["auto", "provenance", "workflow", "process"]
MIT = ("https://spdx.org/licenses/MIT", "MIT License")


def export_crate(
    target: str | os.PathLike[str],
    out: str | os.PathLike[str],
    root: str | os.PathLike[str] | None = None,
    *,
    profile: Profile = "auto",
    licence: tuple[str, str] = MIT,
) -> Path:
    """Write the crate of a figure or cube to `out`, a folder or a `.zip`; returns `out`.

    `target` is a path (the file may have been moved), a digest or a content hash. `profile`:
    "provenance" tells every job and the step of the workflow it belongs to, "workflow" leaves out
    the steps, "process" also the workflow; "auto" takes the first that the data allow (a
    Snakefile; a record of every job). `licence` is the (address, name) under which you publish.
    Users' names in the records become the crate's authors; host names are left out.

    An earlier crate at `out` is replaced. StoreError when no record tells of `target`, when the
    data do not allow the profile asked for, when `out` is something else, or the disk refuses.
    """
    out = Path(out)
    history = trace(target, root)
    workflow = WorkflowFiles.near(history.root)
    chosen = _profile(profile, history, workflow)
    original = given_file(target)
    if out.suffix == ".zip":
        with store_errors(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            with scratch_folder() as scratch, temporary_beside(out) as temporary:
                _write(history, workflow, chosen, licence, original, scratch)
                _pack(scratch, temporary)
                temporary.replace(out)
    else:
        with store_errors(out), folder_beside(out, marker=METADATA) as folder:
            _write(history, workflow, chosen, licence, original, folder)
    return out


def _profile(asked: str, history: History, workflow: WorkflowFiles | None) -> str:
    """The richest profile the data allow, or the one asked for if they do."""
    lacking = {
        "workflow": "" if workflow else "there is no Snakefile in the project's folder",
        "provenance": f"no record tells who made {named(history.gaps[0])}" if history.gaps else "",
        "process": "",
    }
    lacking["provenance"] = lacking["workflow"] or lacking["provenance"]
    if asked == "auto":
        return next(name for name in ("provenance", "workflow", "process") if not lacking[name])
    if asked not in lacking:
        raise StoreError(
            f"there is no profile {quoted(asked)}: use auto, {', '.join(reversed(list(lacking)))}."
        )
    if lacking[asked]:
        raise StoreError(
            f"a {asked} run crate of {named(history.target.path)} is not possible: "
            f"{lacking[asked]}; "
            'profile "auto" takes what is.'
        )
    return asked


def _write(
    history: History,
    workflow: WorkflowFiles | None,
    profile: str,
    licence: tuple[str, str],
    original: Path | None,
    folder: Path,
) -> None:
    # rocrate and what it imports take half a second: only for those who export.
    from layeratlas.provenance.crate.building import build_crate

    built = build_crate(history, workflow, profile, licence, original)
    built.crate.write(folder)
    for place, (path, digest) in built.copied.items():
        if file_digest(folder / place) != digest:
            raise StoreError(f"{named(path)} changed while it was being exported: export again.")


def _pack(folder: Path, archive: Path) -> None:
    """The folder as a zip with fixed dates and modes, uncompressed: the same bytes anywhere."""
    with archive.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            member.file_size = path.stat().st_size
            with path.open("rb") as source, packed.open(member, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
