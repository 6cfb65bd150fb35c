"""The storeys of provenance look down only, and import nothing in a circle."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import layeratlas.provenance

ROOT = Path(layeratlas.provenance.__file__).parent
PACKAGE = "layeratlas.provenance"
# From the ground up.
STOREYS = ("record", "store", "ask", "tell", "crate")
# What jobs import at their start, and what reads records back, stands on these floors alone.
GROUND = tuple(
    f"layeratlas.{room}"
    for room in ("errors", "words", "temporaries", "extending", "bounded", "storage", "provenance")
)
#: What a figure says of itself is read by the room that writes it.
READ_BY_OTHERS = {"layeratlas.provenance.record.files": {"layeratlas.figures.output"}}
MODULES = {
    ".".join([PACKAGE, *path.relative_to(ROOT).with_suffix("").parts]): path
    for path in sorted(ROOT.rglob("*.py"))
    if path.name != "__init__.py"
}


def imports(path: Path) -> set[str]:
    """Modules of the package that a file imports, anywhere in its text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & MODULES.keys() or {node.module}
    return {name for name in found if name.split(".")[0] == "layeratlas"}


def storey(module: str) -> int:
    return STOREYS.index(module.split(".")[2])


def test_every_module_stands_on_a_storey():
    assert {name.split(".")[2] for name in MODULES} == set(STOREYS)


@pytest.mark.parametrize("module", MODULES)
def test_no_storey_looks_up(module):
    below = {name for name in imports(MODULES[module]) if name.startswith(f"{PACKAGE}.")}
    upward = {name for name in below if storey(name) > storey(module)}
    assert upward == set(), f"{module} stands below these"


@pytest.mark.parametrize("module", [name for name in MODULES if storey(name) < 2])
def test_recording_and_storing_know_no_theory(module):
    foreign = {
        name
        for name in imports(MODULES[module])
        if name != "layeratlas" and not name.startswith(GROUND)
    }
    assert foreign == READ_BY_OTHERS.get(module, set())


def test_no_circle():
    known = {name: imports(path) & MODULES.keys() for name, path in MODULES.items()}
    assert len(list(TopologicalSorter(known).static_order())) == len(MODULES)
