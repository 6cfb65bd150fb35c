"""Programs that are not what they seem: slow, failing, or of other words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


def program(folder: Path, name: str, script: str) -> str:
    """A program `name` that is a shell script; returns a PATH that finds it first."""
    folder.mkdir(exist_ok=True)
    place = folder / name
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def git_but(folder: Path, word: str, does: str) -> str:
    """git as it is, but for commands with this word, which do something else; a PATH."""
    real = shutil.which("git")
    if real is None:
        pytest.skip("needs git")
    script = f'for a in "$@"; do [ "$a" = {word} ] && {{ {does}; }}; done\nexec {real} "$@"'
    return program(folder, "git", script)
