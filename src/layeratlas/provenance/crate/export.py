"""Export a figure or cube with how it was made, as a Workflow Run RO-Crate that runs.

    export_crate("figures/phase_diagram.pdf", "phase_diagram.crate.zip")

A crate is a folder or zip whose `ro-crate-metadata.json` other tools understand. It holds the
figure in all formats, its cubes, its claims, the code, settings and experiments that made them, and
the receipts of all jobs: unpacked it is a project, in which nothing is to be made. Shards and
prepared data sets are described by their sha256, and can be made again. The same records and files
give the same bytes.
"""

from __future__ import annotations

import os
import shutil
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.code import code_of
from layeratlas.provenance.crate.history import History, trace
from layeratlas.provenance.crate.layout import METADATA
from layeratlas.provenance.crate.standing import standing
from layeratlas.provenance.crate.workflow import WorkflowFiles
from layeratlas.provenance.store.inside import given_file
from layeratlas.provenance.store.reading import RecordWarning
from layeratlas.storage.atomic import store_errors, temporary_beside
from layeratlas.storage.export import folder_beside
from layeratlas.storage.hashing import file_digest
from layeratlas.temporaries import scratch_folder
from layeratlas.words import named, quoted

if TYPE_CHECKING:
    from layeratlas.provenance.crate.building import Asked

Profile = Literal["auto", "provenance", "workflow", "process"]
MIT = ("https://spdx.org/licenses/MIT", "MIT License")


def warn(sentence: str) -> None:
    """Tell whoever exports, as a RecordWarning."""
    warnings.warn(RecordWarning(sentence), stacklevel=3)


def export_crate(
    target: str | os.PathLike[str],
    out: str | os.PathLike[str],
    root: str | os.PathLike[str] | None = None,
    *,
    profile: Profile = "auto",
    licence: tuple[str, str] = MIT,
    authors: Iterable[str] = (),
    largest: int | None = None,
    tell: Callable[[str], None] = warn,
) -> Path:
    """Write the crate of a figure or cube to `out`, a folder or a `.zip`; returns `out`.

    `target` is a path (the file may have been moved), a digest or a content hash. `profile`:
    "provenance" tells every job and the step of the workflow it belongs to, "workflow" leaves out
    the steps, "process" also the workflow; "auto" takes the first that the data allow (a
    Snakefile; a record of every job). `licence` is the (address, name) under which you publish.
    `authors` are texts, "name; ORCID; affiliation"; without any those of CITATION.cff count, then
    the name that git knows. Names of accounts and hosts are left out. Cubes of more than `largest`
    bytes are told by their hashes.

    A result that would be another today is exported as such, with the code that made it where git
    or the object store has it; `tell` gets a sentence about that, and where no author is known.

    An earlier crate at `out` is replaced. StoreError when no record tells of `target`, when the
    data do not allow the profile asked for, when `out` is something else, or the disk refuses;
    ConfigError for an author that is none.
    """
    # rocrate and what it imports take half a second: only for those who export.
    from layeratlas.provenance.crate.authors import authors as authors_of
    from layeratlas.provenance.crate.building import Asked

    out = Path(out)
    history = trace(target, root)
    stands = standing(history)
    if told := stands.words(1):
        tell(f"{named(history.target.path)}: {told}")
    with scratch_folder() as scratch:
        (scratch / "code").mkdir()
        workflow = code_of(history, stands.is_stale, scratch / "code")
        chosen = _profile(profile, history, workflow)
        folders = (history.root, *([workflow.folder] if workflow else []))
        people = authors_of(authors, *folders)
        if not any(author.is_person for author in people):
            tell(
                "no author is named in the crate: name them in CITATION.cff, by the setting "
                "`authors`, or by `layeratlas crate --author 'Ada Lovelace; ORCID; affiliation'`"
            )
        asked = Asked(chosen, licence, given_file(target), largest, people, stands)
        if out.suffix == ".zip":
            with store_errors(out):
                out.parent.mkdir(parents=True, exist_ok=True)
                with temporary_beside(out) as temporary:
                    _write(history, workflow, asked, scratch, scratch / "crate")
                    _pack(scratch / "crate", temporary)
                    temporary.replace(out)
        else:
            with store_errors(out), folder_beside(out, marker=METADATA) as folder:
                _write(history, workflow, asked, scratch, folder)
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
    history: History, workflow: WorkflowFiles | None, asked: Asked, scratch: Path, folder: Path
) -> None:
    from layeratlas.provenance.crate.building import build_crate

    made = scratch / "made"
    made.mkdir()
    built = build_crate(history, workflow, asked, made)
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
