"""What a crate says of the code that it holds, where there is no git to ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layeratlas.provenance.record.origin import (
    NAME,
    Origin,
    code_digest,
    read_origin,
    state_of_crate,
)
from layeratlas.provenance.record.source import GitState

TARGETS = ("figures/phase_diagram.pdf",)


@pytest.fixture
def base(tmp_path) -> Path:
    """An unpacked crate: code, and what is said of it."""
    for name in ("src/layeratlas/__init__.py", "Snakefile", "scripts/train.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    return tmp_path


def say(base: Path, **changes) -> None:
    digest = code_digest(base, base / "src" / "layeratlas")
    told = Origin(digest, "a" * 40, False, "https://example.org/a.git", TARGETS).content()
    (base / NAME).write_text(json.dumps(json.loads(told) | changes))


def test_what_is_written_is_read(base):
    origin = Origin("0" * 64, "a" * 40, True, None, TARGETS)
    (base / NAME).write_bytes(origin.content())
    assert read_origin(base) == origin


def test_a_crate_tells_its_commit(base):
    package = base / "src" / "layeratlas"
    assert state_of_crate(package) is None
    say(base)
    told = GitState("a" * 40, False, None, "https://example.org/a.git")
    assert state_of_crate(package) == told
    # What lies beside the code changes nothing.
    (base / "results").mkdir()
    (base / "README.md").write_text("words")
    assert state_of_crate(package) == told


def test_code_that_nobody_committed_is_of_no_commit(base):
    say(base, commit=None, dirty=None)
    assert state_of_crate(base / "src" / "layeratlas") is None


@pytest.mark.parametrize("name", ["src/layeratlas/__init__.py", "Snakefile", "scripts/train.py"])
def test_code_that_was_edited_since_is_no_longer_that_of_the_commit(base, name):
    say(base)
    (base / name).write_text("x = 2\n")
    state = state_of_crate(base / "src" / "layeratlas")
    assert (state.commit, state.dirty) == ("a" * 40, True)
    assert "edited since" in state.unread["diff"]


def test_changes_that_its_authors_had_are_not_known_here(base):
    say(base, dirty=True)
    state = state_of_crate(base / "src" / "layeratlas")
    assert state.dirty is True
    assert "no history" in state.unread["diff"] and "edited" not in state.unread["diff"]


@pytest.mark.parametrize(
    "changes",
    [
        {"commit": "main"},
        {"commit": 3},
        {"dirty": "no"},
        {"repository": "https://ada:secret@example.org/a.git"},
        {"repository": "/home/ada"},
        {"targets": "figures"},
        {"targets": [1]},
        {"code": None},
        {"more": 1},
    ],
)
def test_what_cannot_be_believed_is_not_said(base, changes):
    say(base, **changes)
    assert read_origin(base) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000])
def test_another_file_of_that_name_is_no_origin(base, text):
    (base / NAME).write_text(text)
    assert read_origin(base) is None
