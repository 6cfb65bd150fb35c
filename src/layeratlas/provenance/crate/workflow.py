"""The workflow as a crate tells it: its files, and which script belongs to which rule."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import layeratlas
from layeratlas.bounded.files import MIB, read_text
from layeratlas.errors import UnreadableError
from layeratlas.storage.hashing import file_digest

LOCK = Path("envs") / "requirements.lock"


@dataclass(frozen=True)
class WorkflowFiles:
    """The folder of the Snakefile, as it is when the crate is written."""

    folder: Path

    @classmethod
    def near(cls, root: Path) -> WorkflowFiles | None:
        """The Snakefile of the project, else that of the checkout the package runs from."""
        for folder in (root, Path(layeratlas.__file__).resolve().parents[2]):
            if (folder / "Snakefile").is_file():
                return cls(folder)
        return None

    @property
    def rule_files(self) -> list[Path]:
        """Paths of the included rules, relative to the folder."""
        found = sorted(self.folder.glob("rules/*.smk"))
        return [path.relative_to(self.folder) for path in found if path.is_file()]

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
