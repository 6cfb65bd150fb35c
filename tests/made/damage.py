"""Archives taken apart and put together again."""

from __future__ import annotations

import zipfile
from pathlib import Path


def rewrite(path: Path, change) -> None:
    """Write the archive again with `change(name, content)` for every member; None drops it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if (content := change(name, content)) is not None:
                archive.writestr(name, content)
