"""Fingerprints of code: what counts, what does not, and that stages are kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.workflow import fingerprints as code
from layeratlas.workflow.fingerprints import closure, code_id
from layeratlas.workflow.planning import _NOT_COUNTED, _STAGES, Workflow

FILES = {
    "__init__.py": "from layeratlas.b import g\n",
    "a.py": '"""Docstring."""\n\nfrom layeratlas.b import g\n\n\ndef f():\n    return g()\n',
    "b.py": "def g():\n    return 1\n",
    "c.py": "def h():\n    from layeratlas.table import ENTRIES\n\n    return ENTRIES\n",
    "table.py": "from layeratlas import a, b\n\nENTRIES = (a, b)\n",
    "room/__init__.py": "from layeratlas.room.inner import x\n",
    "room/inner.py": "x = 1\n",
    "d.py": "from layeratlas.room import inner\n",
    "e.py": "from layeratlas.room import x\nimport layeratlas.b\nimport json\n",
    "cycle_1.py": "import layeratlas.cycle_2\n",
    "cycle_2.py": "import layeratlas.cycle_1\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package of that name; returns the function that changes a file of it."""
    root = tmp_path / "layeratlas"
    monkeypatch.setattr(code, "_ROOT", root)

    def write(name: str, text: str) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        code._read.cache_clear()

    for name, text in FILES.items():
        write(name, text)
    yield write
    code._read.cache_clear()


def test_closure_follows_imports_wherever_they_stand(package):
    of = {name: set(closure(f"layeratlas.{name}")) for name in ("a", "c", "d", "e", "cycle_1")}
    p = "layeratlas."
    assert of["a"] == {p + "a", p + "b"}
    assert of["c"] == {p + "c", p + "table", p + "a", p + "b"}
    # A module of a package is used without the package's table of things.
    assert of["d"] == {p + "d", p + "room.inner"}
    assert of["e"] == {p + "e", p + "room", p + "room.inner", p + "b"}
    assert of["cycle_1"] == {p + "cycle_1", p + "cycle_2"}


@pytest.mark.parametrize(
    "text",
    [
        FILES["a.py"] + "\n# a remark\n",
        FILES["a.py"].replace("Docstring", "Other words"),
        FILES["a.py"].replace("return g()", "return (g())"),
        FILES["a.py"].replace("def f():\n", 'def f():\n    """Says what."""\n'),
    ],
)
def test_what_does_not_run_does_not_count(package, text):
    before = code_id("layeratlas.a")
    package("a.py", text)
    assert code_id("layeratlas.a") == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", FILES["a.py"] + "X = 1\n"),
        ("b.py", "def g():\n    return 2\n"),
        ("a.py", FILES["a.py"].replace("return g()", 'return "g"')),
    ],
)
def test_what_runs_counts(package, name, text):
    before = code_id("layeratlas.a")
    package(name, text)
    assert code_id("layeratlas.a") != before


def test_cuts_and_order(package):
    assert code_id("layeratlas.a", "layeratlas.d") == code_id("layeratlas.d", "layeratlas.a")
    before = code_id("layeratlas.c", without=["layeratlas.table"])
    package("table.py", "ENTRIES = ()\n")
    package("b.py", "def g():\n    return 3\n")
    assert code_id("layeratlas.c", without=["layeratlas.table"]) == before
    with pytest.raises(KeyError, match="no module"):
        code_id("layeratlas.nowhere")


def _counted(*modules: str) -> set[str]:
    """The closure as the stages see it."""
    seen, todo = set(), list(modules)
    while todo:
        name = todo.pop()
        if name not in seen and name not in _NOT_COUNTED:
            seen.add(name)
            todo.extend(code._read(name)[1])
    return seen


def test_every_module_named_by_a_stage_exists():
    known = {
        ".".join(["layeratlas", *path.relative_to(code._ROOT).with_suffix("").parts])
        for path in Path(code._ROOT).rglob("*.py")
    }
    known = {name.removesuffix(".__init__") for name in known}
    named = {module for modules in _STAGES.values() for module in modules}
    assert named <= known
    assert set(_NOT_COUNTED) <= known


@pytest.mark.parametrize(
    ("stage", "strangers"),
    [
        ("prepare", ("training", "models", "metrics", "figures", "claims", "cube", "backends")),
        ("train", ("metrics", "figures", "claims", "cube", "measure", "workflow", "provenance")),
        ("measure", ("figures", "claims", "cube", "workflow", "datasets", "provenance")),
        ("assemble", ("training", "models", "metrics", "figures", "claims", "backends", "measure")),
    ],
)
def test_stages_do_not_depend_on_strangers(stage, strangers):
    rooms = {name.split(".")[1] for name in _counted(*_STAGES[stage]) if "." in name}
    assert not rooms & set(strangers), sorted(rooms & set(strangers))


def test_only_trainings_under_a_scaling_depend_on_the_tables():
    tables = {"layeratlas.networks.scalings", "layeratlas.engine.scaled_start", "layeratlas.probes"}
    assert not tables & _counted(*_STAGES["train"])
    assert "layeratlas.networks.scalings" in _counted("layeratlas.engine.scaled_start")
    workflow = Workflow({"preset": "smoke"}, Path(__file__).resolve().parents[2])
    plain, same, scaled = (
        workflow.code("train", name)
        for name in ("phase_diagram_dropout", "sharpness", "learning_rate_transfer")
    )
    assert plain == same != scaled
