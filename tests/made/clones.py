"""A small repository with a package of ours in it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")


def git(folder, *arguments):
    done = subprocess.run([*GIT, "-C", str(folder), *arguments], check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A small repository with a package of ours in it; returns (top, package)."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    top = tmp_path / "clone"
    package = top / "src" / "layeratlas"
    (package / "metrics").mkdir(parents=True)
    (package / "__init__.py").write_text("VERSION = 1\n")
    (package / "metrics" / "a.py").write_text("A = 1\n")
    (top / "scripts").mkdir()
    (top / "scripts" / "train.py").write_text("pass\n")
    (top / "README.md").write_text("words\n")
    (top / ".gitignore").write_text("__pycache__/\n")
    git(tmp_path, "init", "-q", str(top))
    git(top, "add", "-A")
    git(top, "commit", "-qm", "one")
    return top, package
