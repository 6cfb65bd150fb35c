"""The files of a history as entities: enclosed where they belong here, else told by hashes."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from rocrate.model.entity import Entity

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.entities import Entities, slug
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.layout import OWN
from layeratlas.provenance.record.keeping import object_path
from layeratlas.provenance.record.schema import FileState
from layeratlas.provenance.store.inside import is_relative
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import SUFFIX, manifest_path, read_manifest
from layeratlas.words import shortened

_FORMATS = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".zip": "application/zip",
    ".json": "application/json",
    ".csv": "text/csv",
    ".py": "text/x-python",
    ".md": "text/markdown",
}
# What `enclose_code` encloses: suffix, words and format.
_CODE = (
    (".diff", "Uncommitted changes of the code, against the commit of its jobs", "text/x-diff"),
    (
        ".tar",
        "The code itself, for jobs whose code no commit is known to hold",
        "application/x-tar",
    ),
    (
        ".tar",
        "Files of users that the jobs ran: extensions, networks, functions",
        "application/x-tar",
    ),
)


class Files:
    """Entities of files, each once whatever its names; `original` is where the target lies now."""

    def __init__(self, entities: Entities, history: History, original: Path | None):
        self._add_to, self._history, self._original = entities, history, original
        self._enclosed = {file.identity for file in history.enclosed}
        self._known: dict[str, Entity] = {}

    def entity(self, file: FileState) -> Entity:
        """A file of the records: enclosed where it belongs here, else by its hashes."""
        if file.identity not in self._known:
            others = [self._original] if self._original else []
            enclosed = file.identity in self._enclosed
            path = self._history.find(file, *others) if enclosed else None
            facts = {
                "name": PurePosixPath(file.path).name,
                "alternateName": file.path,
                "contentSize": str(file.size),
                "sha256": file.digest,
                "identifier": f"content hash {file.content_hash}" if file.content_hash else None,
                "encodingFormat": _FORMATS.get(PurePosixPath(file.path).suffix),
            }
            if path is None:
                entity = self._add_to.add(f"#file-{file.digest[:32]}", "File", **facts)
            else:
                entity = self._add_to.enclose(
                    place_of(file), path, file.digest, types="File", **facts
                )
                self._enclose_manifest(file, path)
            self._known[file.identity] = entity
        return self._known[file.identity]

    def is_missing(self, file: FileState) -> bool:
        """Whether the bytes of a file that belongs here were not found."""
        return self.entity(file).id.startswith("#")

    def enclose_code(self) -> None:
        """Code that jobs ran with and no commit holds, where the store has it whole."""
        for job in self._history.jobs:
            for digest, (suffix, description, kind) in zip(
                (job.code.diff, job.code.kept, job.code.users), _CODE, strict=True
            ):
                if digest is None:
                    continue
                path = object_path(self._history.root, digest, f"x{suffix}")
                if path.is_file() and file_digest(path) == digest:
                    self._add_to.enclose(
                        f"code/{path.name}",
                        path,
                        digest,
                        name=path.name,
                        description=description,
                        encodingFormat=kind,
                    )

    def _enclose_manifest(self, file: FileState, path: Path) -> None:
        """The manifest beside an archive, if it is that archive's own."""
        if not path.name.endswith(SUFFIX):
            return
        beside = manifest_path(path)
        try:
            digest = read_manifest(beside).digest
        except StoreError:
            return
        if digest == file.digest:
            place = place_of(file).removesuffix(SUFFIX) + ".json"
            self._add_to.enclose(
                place,
                beside,
                None,
                name=PurePosixPath(place).name,
                description=f"Manifest of {PurePosixPath(file.path).name}: hashes, dims, variables",
                encodingFormat="application/json",
            )


def place_of(file: FileState) -> str:
    """Where a file goes in the crate: as in the project, unless that points elsewhere.

    Elsewhere is outside, where the crate's own files are, or under a name that an address spells
    otherwise.
    """
    if (
        is_relative(file.path)
        and not re.search(r"[%:#?*\"<>|]", file.path)
        and file.path.split("/")[0].lower() not in map(str.lower, OWN)
    ):
        return file.path
    name = slug(file.path.rpartition("/")[2]).strip(".") or "file"
    return f"files/{file.digest[:16]}/{shortened(name, 100)}"
