"""Users' files are run once, before a table is read, and whatever is wrong with them is told."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from types import SimpleNamespace

import pytest

from layeratlas.errors import ConfigError
from layeratlas.extending import loading, places
from layeratlas.extending.places import VARIABLE
from layeratlas.tables import Table, resolve


def test_every_file_is_run_once_in_order(write, monkeypatch):
    monkeypatch.setattr(sys, "ran", [], raising=False)
    for name in ("b", "a"):
        write(f"extensions/{name}.py", f"import sys\nsys.ran.append({name!r})\n")
    for _ in range(2):
        list(Table("thing"))
    assert sys.ran == ["a", "b"]


def test_files_import_each_other(write):
    write("extensions/one.py", "from extensions.two import x\n")
    write("extensions/two.py", "x = 3\n")
    assert resolve("extensions.one:x") == 3


def test_installed_packages_are_loaded_by_their_entry_point(write, monkeypatch):
    ran = []
    point = SimpleNamespace(name="mine", value="mine.things", load=lambda: ran.append(1))
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point])
    loading.load()
    loading.load()
    assert ran == [1]
    point.load = lambda: 1 / 0
    monkeypatch.setattr(loading, "_loaded", None)
    with pytest.raises(ConfigError, match=r"'mine' .mine.things.*ZeroDivision"):
        loading.load()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\n1 / 0\n", "extensions/bad.py, line 2 cannot be loaded: ZeroDivisionError"),
        ("def f(:\n", "extensions/bad.py, line 1 cannot be loaded: SyntaxError"),
        ("x = 1\n\nraise SystemExit(3)\n", "bad.py, line 3 cannot be loaded: SystemExit: 3"),
        ("\nimport nowhere_at_all\n", "bad.py, line 2 cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_a_broken_file_is_one_sentence_each_time(write, text, told):
    write("extensions/bad.py", text)
    for _ in range(2):
        with pytest.raises(ConfigError, match=told):
            len(Table("thing"))


def test_a_file_has_the_name_of_a_module(write):
    write("extensions/my-file.py", "")
    with pytest.raises(ConfigError, match=r"extensions/my-file\.py: .* letters, digits"):
        loading.load()


def test_a_file_of_ones_own_imports_what_is_beside_it(write):
    write("nets/mine.py", "from blocks_of_mine import Block\nclass Net(Block): pass\n")
    write("nets/blocks_of_mine.py", "class Block: width = 3\n")
    net = resolve("nets/mine.py:Net")
    assert net.width == 3 and net is resolve("nets/mine.py:Net")


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("nets/mine.py:Nett", "nets/mine.py has no 'Nett'; did you mean 'Net'"),
        ("nets/other.py:Net", "there is no file nets/other.py"),
        ("extensions.other:Net", "there is no module extensions.other"),
        ("../mine.py:Net", "give the path of a file inside the working folder"),
        ("nets/mine.py", "is no reference; write where it is and its name"),
        ("nets/later.py:maybe", "nets/later.py has no 'maybe'"),
        ("nets/raises.py:x", "nets/raises.py, line 1 cannot be loaded: ZeroDivisionError"),
    ],
)
def test_what_a_reference_does_not_stand_for_is_told(write, reference, told):
    write("nets/mine.py", "class Net: pass\n")
    write("nets/later.py", "if False:\n    maybe = 1\n")
    write("nets/raises.py", "x = 1 / 0\n")
    with pytest.raises(ConfigError, match=told):
        resolve(reference)


def test_importing_the_project_runs_none_of_them(write):
    """They import it themselves, and would find it half made."""
    write("extensions/one.py", "raise SystemExit(3)\n")
    text = "import layeratlas.cli, layeratlas.workflow.planning, layeratlas.config.schema\n"
    subprocess.run([sys.executable, "-c", text], check=True)


def test_an_entry_that_is_there_needs_none_of_them(write):
    write("extensions/one.py", "raise ValueError\n")
    table = Table("thing")
    entry = table.add(SimpleNamespace(name="mine"))
    assert table["mine"] is entry and "mine" in table
    with pytest.raises(ConfigError):
        assert "other" in table


def test_what_editors_leave_is_passed_over(write):
    write("extensions/.#one.py", "1 / 0\n")
    loading.load()


@pytest.mark.parametrize("name", ["shared_of_mine", "random"])
def test_a_file_that_another_module_hides_is_told(write, name):
    """Else what runs would be other code than what is on record."""
    write("a/shared_of_mine.py", "x = 1\n")
    write("a/net.py", "from shared_of_mine import x\n")
    assert resolve("a/net.py:x") == 1
    write(f"b/{name}.py", "x = 2\n")
    write("b/net.py", f"import {name} as other\nx = 2\n")
    with pytest.raises(ConfigError, match=f"b/net.py imports {name}, but another module of that"):
        resolve("b/net.py:x")


def test_files_of_the_folder_that_one_stands_in_are_not_run_unasked(write, tmp_path, monkeypatch):
    write("extensions/one.py", "raise ValueError\n")
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(places, "_settled", None)
    monkeypatch.chdir(tmp_path)
    assert list(Table("thing")) == []
    places.settle(tmp_path)
    with pytest.raises(ConfigError):
        list(Table("thing"))
