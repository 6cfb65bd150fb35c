"""No floor looks up: a room imports from its own floor and those below, never from above.

The table is that of docs/architecture.md.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import layeratlas

ROOT = Path(layeratlas.__file__).parent
FLOORS = (
    ("errors", "words", "temporaries"),
    ("tables", "extending"),
    ("bounded",),
    ("storage", "runs"),
    ("backends",),
    ("losses", "datasets"),
    ("networks", "chains"),
    ("probes", "infinite_width"),
    ("engine", "signals"),
    ("metrics", "measure"),
    ("kinds",),
    ("config",),
    ("cubes",),
    ("refining",),
    ("figures", "claims"),
    ("papers",),
    ("workflow", "provenance"),
    ("atlas",),
    ("cli", "site"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def imports(path: Path) -> set[str]:
    """Rooms of the package that a module imports anywhere in its text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("layeratlas.")}
    return found


def modules() -> list[Path]:
    return [
        path for path in sorted(ROOT.rglob("*.py")) if path.parent != ROOT or path.stem in FLOOR
    ]


def test_every_room_has_a_floor():
    rooms = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    rooms |= {path.stem for path in ROOT.glob("[!_]*.py")}
    assert rooms == set(FLOOR)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_imported_from_above(path):
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    above = {other for other in imports(path) if FLOOR.get(other, 0) > FLOOR[room]}
    assert not above, f"{room} looks up to {', '.join(sorted(above))}"


def test_papers_do_not_know_each_other():
    rooms = [path for path in (ROOT / "papers").iterdir() if path.is_dir() and path.name[0] != "_"]
    for room in rooms:
        for path in room.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for other in rooms:
                assert other == room or f"papers.{other.name}" not in text, path
