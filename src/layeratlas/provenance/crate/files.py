"""The files of a history as entities: enclosed where they belong here, else told by hashes."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

from rocrate.model.entity import Entity

from layeratlas.provenance.crate.entities import Entities
from layeratlas.provenance.crate.history import History
from layeratlas.provenance.record.places import OBJECTS
from layeratlas.provenance.record.schema import FileState
from layeratlas.storage.manifest import SUFFIX, manifest_path

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

    def enclose_code_changes(self) -> None:
        """The uncommitted changes of code that jobs ran with, where the store has them."""
        objects = self._history.root / OBJECTS
        for job in self._history.jobs:
            diff = job.code.diff
            found = sorted(objects.glob(f"{Path(diff).name}*")) if diff else []
            if found:
                self._add_to.enclose(
                    f"code/{found[0].name}",
                    found[0],
                    None,
                    name=found[0].name,
                    description="Uncommitted changes of the code, against the commit of its jobs",
                    encodingFormat="text/x-diff",
                )

    def _enclose_manifest(self, file: FileState, path: Path) -> None:
        """The manifest beside an archive, if it is that archive's own."""
        if not path.name.endswith(SUFFIX) or not manifest_path(path).is_file():
            return
        beside = manifest_path(path)
        try:
            digest = json.loads(beside.read_bytes())["digest"]
        except (OSError, ValueError, KeyError, TypeError):
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
    """Where a file goes in the crate: as in the project, unless that points elsewhere."""
    path = PurePosixPath(file.path)
    if path.is_absolute() or ".." in path.parts:
        return f"files/{file.digest[:16]}/{path.name}"
    return path.as_posix()
