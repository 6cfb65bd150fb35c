"""Where users' files are."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.extending import places
from layeratlas.extending.places import VARIABLE, base, inside, is_path


def test_they_are_where_one_works_or_where_the_workflow_says(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(places, "_settled", None)
    monkeypatch.chdir(tmp_path)
    assert base() == Path.cwd()
    places.settle(tmp_path / "project")
    assert base() == tmp_path / "project"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "clone"))
    assert base() == tmp_path / "clone"


@pytest.mark.parametrize(
    ("place", "stays"),
    [
        ("a.py", True),
        ("a/b.py", True),
        ("/a.py", False),
        ("../a.py", False),
        ("a/../../b.py", False),
    ],
)
def test_a_path_stays_inside(place, stays):
    assert inside(place) == stays
    assert is_path("a.py") and not is_path("extensions.a")
