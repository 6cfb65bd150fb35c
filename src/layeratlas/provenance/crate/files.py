"""The files of a history as entities: enclosed where they belong here, else told by hashes.

And the files that a crate runs from, code and notes of the workflow.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

from rocrate.model.entity import Entity

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.entities import Entities, slug
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.crate.layout import OWN
from layeratlas.provenance.record.keeping import object_path
from layeratlas.provenance.record.schema import FileState
from layeratlas.provenance.store.inside import is_relative
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import SUFFIX, describe, manifest_path, read_manifest
from layeratlas.words import named, shortened

_FORMATS = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".zip": "application/zip",
    ".json": "application/json",
    ".csv": "text/csv",
    ".py": "text/x-python",
    ".md": "text/markdown",
    ".gif": "image/gif",
    ".tex": "application/x-tex",
    ".yaml": "application/yaml",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".lock": "text/plain",
    ".sh": "application/x-sh",
    ".smk": "text/x-python",
    ".cff": "application/yaml",
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
    """Entities of files, each once whatever its names; `original` is where the target lies now.

    Cubes of more than `most` bytes are told by their hashes only, `left_out`; what has to be
    written for the crate is written into `scratch`.
    """

    def __init__(
        self,
        entities: Entities,
        history: History,
        original: Path | None,
        scratch: Path,
        most: int | None = None,
    ):
        self._add_to, self._history, self._original = entities, history, original
        self._scratch = scratch
        belong = history.enclosed
        self.left_out = [
            file
            for file in belong
            if most is not None and file.size > most and file.path.endswith(SUFFIX)
        ]
        self._enclosed = {file.identity for file in belong if file not in self.left_out}
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
        return file not in self.left_out and self.entity(file).id.startswith("#")

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

    def enclose_plain(self, place: str, path: Path, types: Any = "File", **facts: Any) -> Entity:
        """A file that the crate runs from, under the name that it has in the project."""
        name = PurePosixPath(place).name
        kind = _FORMATS.get(PurePosixPath(place).suffix, "text/plain")
        if "SoftwareSourceCode" in types:
            facts["version"] = self._history.maker.code.version
        return self._add_to.enclose(
            place, path, None, types=types, **({"name": name, "encodingFormat": kind} | facts)
        )

    def enclose_copy(self, place: str, file: FileState) -> None:
        """A file of the history at a second place, where its first holds it."""
        path = None if self.is_missing(file) else self._add_to.copied[self.entity(file).id][0]
        if path is not None and place != self.entity(file).id:
            same = f"The same as {self.entity(file).id}"
            self.enclose_plain(place, path, description=same, sha256=file.digest)

    def _enclose_manifest(self, file: FileState, path: Path) -> None:
        """The manifest of an archive: the one beside it, if it is that archive's own, else anew."""
        if not path.name.endswith(SUFFIX):
            return
        name = PurePosixPath(file.path).name
        place = place_of(file).removesuffix(SUFFIX) + ".json"
        beside = manifest_path(path)
        try:
            if read_manifest(beside).digest != file.digest:
                raise StoreError(f"{named(beside)} is that of another version")
        except StoreError:
            beside = self._described(file, path)
        self._add_to.enclose(
            place,
            beside,
            None,
            name=PurePosixPath(place).name,
            description=f"Manifest of {name}: hashes, dims, variables",
            encodingFormat="application/json",
        )

    def _described(self, file: FileState, path: Path) -> Path:
        """A manifest of an archive whose own is lost, as that of an object of the store is."""
        from layeratlas.storage import content_hash, open_datatree

        with open_datatree(path) as tree:
            manifest = describe(
                tree,
                file=PurePosixPath(file.path).name,
                size=file.size,
                digest=file.digest,
                content=content_hash(tree),
            )
        written = self._scratch / f"{file.digest}.json"
        written.write_bytes(manifest.to_json())
        return written


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
