"""Is every file what its record says?

The bytes of a file (sha256) are compared with those of the newest successful record that wrote
its path; what differs is looked at more closely, to say what is wrong with it (`checks.files`).
Objects are compared with their names (`checks.objects`), records and what else the project notes
for itself with their own seals and hashes (`checks.records`, `checks.kept`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError
from layeratlas.provenance.record.places import OBJECTS
from layeratlas.provenance.store.checks.files import check_file, check_files
from layeratlas.provenance.store.checks.finding import DAMAGED, Finding
from layeratlas.provenance.store.checks.kept import check_if_kept, check_kept
from layeratlas.provenance.store.checks.objects import check_object, check_objects
from layeratlas.provenance.store.checks.project import Project
from layeratlas.provenance.store.checks.records import check_record, check_records
from layeratlas.provenance.store.checks.signatures import Signatures
from layeratlas.provenance.store.reading import project_root
from layeratlas.storage.manifest import SUFFIX
from layeratlas.words import named, quoted

if TYPE_CHECKING:
    import pandas as pd


def verify(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    signers: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Every file of the project, or those of `paths` (files and folders), against its record.

    A DataFrame with a row a file: path (relative to the project), kind (file, object, record, …),
    status, problem (a sentence; None when all is well), expected and found digest, record, and of a
    record who of the file of allowed `signers` signed it (`layeratlas seal`). The status is

    - ok
    - changed: bytes are not those on record, or not those signed (bit rot, or edited by hand)
    - damaged: an archive that cannot be read in full, an object whose bytes do not fit its name,
      a record or another kept file that cannot be read or is not what was written, a signature
      that does not fit
    - missing: on record or signed, but not on the disk
    - unrecorded: no job on record made this file
    - unsealed: written before such files carried a seal, so that decay may not show
    - outside: on record, but not inside the project, so not opened
    - freed: weights that were given up (`layeratlas store gc --weights`)

    A file from outside the project is looked up by its digest. StoreError when a path does not
    exist and no record knows it, or when there is no project.
    """
    import pandas as pd

    project = Project(project_root(root))
    signatures = Signatures(project, signers)
    if paths is None:
        findings = list(_everything(project, signatures))
    else:
        given = [paths] if isinstance(paths, str | os.PathLike) else paths
        findings = [f for path in given for f in _one(project, signatures, Path(path))]
    names = [field.name for field in fields(Finding)]
    return pd.DataFrame([astuple(f) for f in findings], columns=names, dtype=object)


def _everything(project: Project, signatures: Signatures) -> Iterator[Finding]:
    files = list(check_files(project))
    yield from files
    yield from check_objects(project)
    yield from check_records(project, signatures)
    yield from signatures.findings
    known = {finding.path for finding in files}
    for finding in check_kept(project.root):
        # A result that is also of a kind (claims) is one row while nothing is wrong.
        if finding.path not in known or finding.status == DAMAGED:
            yield finding


def _one(project: Project, signatures: Signatures, given: Path) -> Iterator[Finding]:
    place = given if _exists(given) else project.root / given
    relative = project.relative(place)
    if relative in project.unreadable or relative in project.seals:
        yield check_record(project, relative, signatures)
        return
    if place.is_dir():
        yield from (f for f in _everything(project, signatures) if _is_inside(f.path, relative))
        return
    if about := [f for f in signatures.findings if f.path in (relative, f"{relative}.sig")]:
        yield from about
        return
    here = _exists(place)
    if here and relative.startswith(f"{OBJECTS.as_posix()}/"):
        yield check_object(project, place)
        return
    kept = check_if_kept(relative, project.root) if here else None
    # Of a result that is also of a kind (claims), the record knows more; of archives, their bytes.
    noted = relative in project.newest or relative.endswith(SUFFIX)
    if kept is not None and (kept.status == DAMAGED or not noted):
        yield kept
        return
    # A manifest is checked with its archive.
    archive = relative.removesuffix(".json") + SUFFIX
    if relative.endswith(".json") and (
        archive in project.newest or _exists(project.root / archive)
    ):
        relative, place = archive, project.root / archive
    if not _exists(place) and relative not in project.newest:
        raise StoreError(
            f"{quoted(str(given))} is neither a file here nor on record in {named(project.root)}: "
            "check the name, or name the project (--root, root=)."
        )
    yield check_file(project, relative, place if _exists(place) else None)


def _exists(path: Path) -> bool:
    # Unlike Path.exists, never an error: a name may be too long.
    return os.path.exists(path)  # noqa: PTH110


def _is_inside(path: str, folder: str) -> bool:
    return folder == "." or path.startswith(folder.rstrip("/") + "/")
