"""Every mistake can still be planted, and there are mistakes in every numerical room."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mistakes.mistake import ROOT, Mistake
from mistakes.tables import MISTAKES

#: Rooms that make numbers, and papers.
ROOMS = (
    "backends", "chains", "cubes", "datasets", "engine", "losses", "measure.py", "metrics",
    "networks", "papers/feature_speed", "papers/spring_block", "probes", "runs", "signals",
)  # fmt: skip


def room(mistake: Mistake) -> str:
    parts = Path(mistake.file).parts
    return "/".join(parts[: 2 if parts[0] == "papers" else 1])


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_can_be_planted_and_has_tests_to_see_it(mistake):
    mistake.planted((ROOT / mistake.path).read_text(encoding="utf-8"))
    for test in mistake.must_see:
        file, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8"), test


def test_no_mistake_is_there_twice():
    names = Counter(mistake.name for mistake in MISTAKES)
    changes = Counter((mistake.file, mistake.old, mistake.new) for mistake in MISTAKES)
    assert max(names.values()) == max(changes.values()) == 1


def test_every_numerical_room_has_its_mistakes():
    count = Counter(map(room, MISTAKES))
    assert len(MISTAKES) >= 60
    assert not [name for name in ROOMS if count[name] < 3]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("a + b", "a - b", "stands 0 times"),
        ("x", "y", "stands 3 times"),
        ("# twice", "# thrice", "changes nothing"),
        ('"""A sum', '"""A product', "changes nothing"),
    ],
)
def test_what_is_no_mistake_is_refused(old, new, told):
    text = '"""A sum."""\n\nx = 1\nz = x + x  # twice\n'
    with pytest.raises(ValueError, match=told):
        Mistake("a.py", old, new, "wrong").planted(text)
    assert Mistake("a.py", "x + x", "x - x", "zero").planted(text).endswith("z = x - x  # twice\n")


def test_what_is_no_python_is_refused():
    with pytest.raises(SyntaxError):
        Mistake("a.py", "1", "1 +", "half a sum").planted("x = 1\n")
