"""Fingerprints of code: what counts, what does not, and that stages are kept apart."""

from __future__ import annotations

import json
import os
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from layeratlas.bounded.seals import sealed
from layeratlas.workflow import fingerprints as code
from layeratlas.workflow.fingerprints import closure, code_id, folder_id
from layeratlas.workflow.jobs import JOBS, NOT_COUNTED
from layeratlas.workflow.planning import Workflow

CHECKOUT = Path(__file__).resolve().parents[2]
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
        code._read_file.cache_clear()

    for name, text in FILES.items():
        write(name, text)
    yield write
    code._read.cache_clear()
    code._read_file.cache_clear()


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


def test_a_room_is_cut_with_all_in_it_but_not_what_is_named(package):
    without = ["layeratlas.room.*"]
    assert set(closure("layeratlas.e", without=without)) == {"layeratlas.e", "layeratlas.b"}
    assert "layeratlas.room.inner" in closure("layeratlas.room.inner", without=without)


def test_a_script_counts_with_what_it_imports(package, tmp_path):
    script = tmp_path / "draw.py"
    script.write_text("with job():\n    from layeratlas.a import f\n")
    assert set(closure(scripts=[script])) == {"scripts/draw.py", "layeratlas.a", "layeratlas.b"}
    before = code_id(scripts=[script])
    script.write_text("# A remark.\nwith job():\n    from layeratlas.a import f\n")
    code._read_file.cache_clear()
    assert code_id(scripts=[script]) == before
    script.write_text("with job():\n    from layeratlas.a import f\n    f()\n")
    code._read_file.cache_clear()
    assert code_id(scripts=[script]) != before


# --- what is remembered -----------------------------------------------------------------------
@pytest.fixture
def memory(tmp_path, monkeypatch) -> Path:
    """The file in which parsed modules are remembered, of a script of its own; returns it."""
    kept: list = []
    monkeypatch.setattr(code, "_ROOT", tmp_path)
    monkeypatch.setattr(code.atexit, "register", kept.append)
    (tmp_path / "a.py").write_text("from layeratlas.b import c\n")
    (tmp_path / "b.py").write_text("c = 1\n")
    _forget()
    assert code_id("layeratlas.a")
    kept[0]()
    yield tmp_path / "__pycache__" / f"fingerprints.{sys.implementation.cache_tag}.json"
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    for cached in (code._read, code._read_file, code._memory):
        cached.cache_clear()


def test_what_was_parsed_is_remembered(memory, monkeypatch):
    first = code_id("layeratlas.a")
    _forget()
    monkeypatch.setattr(code, "_parsed", None)
    assert code_id("layeratlas.a") == first
    assert [path.name for path in memory.parent.iterdir()] == [memory.name]


def _damages(content: bytes) -> Iterator[bytes]:
    document = json.loads(content)
    parsed = document["parsed"]
    yield from (b"", b"{", b"[]", b"3", b"[" * 100_000)
    yield json.dumps(parsed).encode()  # as earlier versions kept it
    yield json.dumps({"parsed": parsed}).encode()
    for wrong in (3, [], ["0"], ["0", 3], ["0", [3]], ["0", [["layeratlas.b", [3]]]], [0, []]):
        yield json.dumps(sealed({"parsed": dict.fromkeys(parsed, wrong)})).encode()
    yield json.dumps(sealed({"parsed": [1]})).encode()
    # A digest with another digit, under the seal of before.
    flipped = {key: ["f" * 64, imports] for key, (_, imports) in parsed.items()}
    yield json.dumps({**document, "parsed": flipped}).encode()


def test_a_memory_that_is_not_what_was_kept_is_none(memory):
    first, content = code_id("layeratlas.a"), memory.read_bytes()
    for damaged in _damages(content):
        memory.write_bytes(damaged)
        _forget()
        assert code_id("layeratlas.a") == first, damaged[:80]
    memory.unlink()
    os.mkfifo(memory)
    _forget()
    assert code_id("layeratlas.a") == first


def test_no_flipped_bit_of_a_memory_changes_a_fingerprint(memory):
    first, content, dice = code_id("layeratlas.a"), memory.read_bytes(), random.Random(4)
    for _ in range(300):
        flipped = bytearray(content)
        flipped[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        memory.write_bytes(flipped)
        _forget()
        assert code_id("layeratlas.a") == first


# --- the real package -------------------------------------------------------------------------
def _counted(rule: str, *modules: str) -> set[str]:
    """What counts for the jobs of a rule, besides what their experiments name."""
    script = CHECKOUT / "scripts" / f"{rule}.py"
    return set(closure(*modules, scripts=[script], without=NOT_COUNTED))


def test_what_does_not_count_exists():
    known = {
        ".".join(["layeratlas", *path.relative_to(code._ROOT).with_suffix("").parts])
        for path in Path(code._ROOT).rglob("*.py")
    }
    known = {name.removesuffix(".__init__") for name in known}
    assert {name.removesuffix(".*") for name in NOT_COUNTED} <= known | {"layeratlas"}


def test_every_rule_with_results_is_a_job_and_has_its_script():
    text = "".join(path.read_text() for path in sorted((CHECKOUT / "rules").glob("*.smk")))
    rules = {
        name
        for name, body in re.findall(r"^rule (\w+):\n((?: .*\n|\n)*)", text, re.M)
        if "script:" in body and "output:" in body
    }
    assert rules == set(JOBS)
    for rule in JOBS:
        assert f'**asked("{rule}")' in text
        assert f'changed=changed("{rule}")' in text
        assert (CHECKOUT / "scripts" / f"{rule}.py").is_file()


@pytest.mark.parametrize(
    ("rule", "strangers"),
    [
        ("prepare_dataset", ("engine", "networks", "metrics", "papers", "cubes", "backends")),
        ("train", ("metrics", "figures", "papers", "claims", "cubes", "measure", "provenance")),
        ("measure", ("figures", "claims", "papers", "cubes", "datasets", "provenance")),
        ("simulate", ("engine", "networks", "metrics", "papers", "cubes", "datasets", "probes")),
        ("probe", ("engine", "metrics", "papers", "cubes", "datasets", "chains", "backends")),
        ("assemble_cube", ("engine", "networks", "metrics", "papers", "backends", "measure")),
        ("draw_figure", ("engine", "networks", "metrics", "backends", "claims", "datasets")),
    ],
)
def test_jobs_do_not_depend_on_strangers(rule, strangers):
    # What it reads of users' files is held against checksums: it can only fail.
    counted = set(_counted(rule)) - {"layeratlas.datasets.in_place"}
    rooms = {name.split(".")[1] for name in counted if name.startswith("layeratlas.")}
    assert not rooms & set(strangers), sorted(rooms & set(strangers))


def test_only_trainings_under_a_scaling_depend_on_the_tables():
    tables = {"layeratlas.networks.scalings", "layeratlas.engine.scaled_start"}
    assert not tables & _counted("train")
    workflow = Workflow({"preset": "smoke"}, CHECKOUT)
    plain, same, scaled = (
        workflow.param("train", "code", {"experiment": name, "key": workflow.shards(name)[0].key})
        for name in ("phase_diagram_dropout", "sharpness", "learning_rate_transfer")
    )
    assert plain == same != scaled


def test_users_files_count_with_what_they_import_of_the_package(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERATLAS_BASE", str(tmp_path))
    (tmp_path / "gap.py").write_text("from layeratlas.words import listed\nx = 1\n")
    (tmp_path / "extensions").mkdir()
    (tmp_path / "extensions" / "one.py").write_text("x = 1\n")
    found = closure("gap.py", "extensions.one")
    assert {"gap.py", "extensions.one", "layeratlas.words"} <= set(found)
    assert "layeratlas.words" not in closure("gap.py", without=["layeratlas.words"])
    before = {name: code_id(f"{name}:x") for name in ("gap.py", "extensions.one")}
    (tmp_path / "extensions" / "one.py").write_text("x = 2\n")
    after = {name: code_id(f"{name}:x") for name in before}
    assert before["gap.py"] == after["gap.py"]
    assert before["extensions.one"] != after["extensions.one"]


def test_of_a_folder_every_byte_and_every_path_counts(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "inner" / "b.js").write_text("2")
    found = folder_id(tmp_path)
    assert re.fullmatch("[0-9a-f]{16}", found) and folder_id(tmp_path) == found
    (tmp_path / "a.js").write_text("3")
    edited = folder_id(tmp_path)
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "inner" / "b.js").rename(tmp_path / "b.js")
    assert len({found, edited, folder_id(tmp_path)}) == 3
