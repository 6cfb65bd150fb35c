"""A folder with users' files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from layeratlas.extending import loading
from layeratlas.extending.places import FOLDER, VARIABLE


@pytest.fixture
def write(tmp_path, monkeypatch) -> Callable[[str, str], Path]:
    """Write a user's file; all of it is forgotten after the test."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(loading, "_loaded", None)
    monkeypatch.setattr(loading, "_failed", None)
    monkeypatch.setattr(loading, "_ran", {})
    monkeypatch.setattr(sys, "path", list(sys.path))
    known = set(sys.modules)

    def of(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    yield of
    for name in set(sys.modules) - known:
        if name.partition(".")[0] == FOLDER or str(tmp_path) in str(
            getattr(sys.modules[name], "__file__", None)
        ):
            del sys.modules[name]
