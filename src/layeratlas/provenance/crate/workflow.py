"""The workflow as a crate holds it: its files, and which script belongs to which rule."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import layeratlas
from layeratlas.bounded.files import MIB, read_text
from layeratlas.errors import UnreadableError
from layeratlas.provenance.crate.layout import FOLDERS, SNAKEFILE, SURROUNDINGS
from layeratlas.provenance.record.code_archive import code_files
from layeratlas.provenance.record.origin import state_of_crate
from layeratlas.provenance.record.source import GitState, git_state, source_hash
from layeratlas.storage.hashing import file_digest

LOCK = Path("envs") / "requirements.lock"
_SCHEMA = "config/experiment.schema.json"


@dataclass(frozen=True)
class WorkflowFiles:
    """The folder of the Snakefile, as it is when the crate is written.

    `state`: the commit that it is of; `note`: a sentence, where it is not the code that ran.
    """

    folder: Path
    state: GitState = field(default_factory=GitState)
    note: str = ""

    @classmethod
    def near(cls, root: Path) -> WorkflowFiles | None:
        """The Snakefile of the project, else that of the checkout the package runs from."""
        for folder in (root, Path(layeratlas.__file__).resolve().parents[2]):
            if (folder / SNAKEFILE).is_file():
                package = _package(folder)
                state = git_state(package) if package.is_dir() else GitState()
                if state == GitState():
                    state = state_of_crate(package) or state
                return cls(folder, state)
        return None

    @property
    def package(self) -> Path:
        """The package that the Snakefile imports."""
        return _package(self.folder)

    @property
    def source(self) -> str | None:
        """The hash of the package, as records have it; None where there is none."""
        return source_hash(self.package) if self.package.is_dir() else None

    @property
    def rule_files(self) -> list[Path]:
        """Paths of the included rules, relative to the folder."""
        found = sorted(self.folder.glob("rules/*.smk"))
        return [path.relative_to(self.folder) for path in found if path.is_file()]

    @property
    def experiments(self) -> Path:
        """The folder of experiments."""
        return self.folder / "config" / "experiments"

    def files(self) -> dict[str, Path]:
        """{place in a crate: file} of all that runs, but for settings and users' files.

        Only what is named here is ours to publish: of a folder, what stands in it by chance is not.
        """
        found = dict(code_files(self.folder, self.package))
        for name in (*SURROUNDINGS, _SCHEMA):
            if (self.folder / name).is_file():
                found[name] = self.folder / name
        for top in FOLDERS:
            found |= {path.relative_to(self.folder).as_posix(): path for path in self._inside(top)}
        return {name: found[name] for name in sorted(found)}

    def script(self, rule: str, digest: str | None) -> Path | None:
        """Relative path of the script of a rule, if it is still the one that ran."""
        path = self._script(rule)
        if path is not None and digest is not None and file_digest(path) == digest:
            return path.relative_to(self.folder)
        return None

    def lock(self, digest: str | None) -> Path | None:
        """Relative path of the lock, if it is still the one that was there."""
        path = self.folder / LOCK
        return LOCK if path.is_file() and digest and file_digest(path) == digest else None

    def purpose(self, rule: str) -> str | None:
        """What a rule's script says it does, in its first line."""
        path = self._script(rule)
        if path is None:
            return None
        try:
            text = ast.get_docstring(ast.parse(read_text(path, MIB)))
        except (UnreadableError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return text.splitlines()[0] if text else None

    def _script(self, rule: str) -> Path | None:
        # A rule's name comes from a record, and is part of a path only if it can be one.
        path = self.folder / "scripts" / f"{rule}.py"
        return path if rule.isidentifier() and path.is_file() else None

    def _inside(self, top: str) -> Iterator[Path]:
        for folder, inner, names in os.walk(self.folder / top):
            inner[:] = [name for name in inner if not name.startswith((".", "__pycache__"))]
            for name in names:
                path = Path(folder, name)
                if not name.startswith(".") and path.is_file():
                    yield path


def _package(folder: Path) -> Path:
    return folder / "src" / "layeratlas"
