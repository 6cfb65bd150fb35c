"""What counts of users' text, and whether a reference stands for something, without running it."""

from __future__ import annotations

import pytest

from layeratlas.errors import ConfigError
from layeratlas.extending.sources import closure, find, is_users, refusal, source_digest

NET = '"""A net."""\nfrom blocks import Block\n\nclass Net(Block):\n    # five\n    depth = 5\n'


@pytest.fixture
def net(write):
    write("nets/net.py", NET)
    write("nets/blocks.py", "from layeratlas.words import listed\nclass Block: pass\n")
    return source_digest("nets/net.py:Net")


def test_comments_and_docstrings_do_not_count(write, net):
    write("nets/net.py", NET.replace('"""A net."""', '"""Mine."""').replace("# five", "# 5"))
    assert source_digest("nets/net.py:Net") == net


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nets/net.py", NET.replace("depth = 5", "depth = 6")),
        ("nets/blocks.py", "from layeratlas.words import listed\nclass Block: width = 1\n"),
    ],
)
def test_code_counts_and_that_of_files_imported(write, net, name, text):
    write(name, text)
    assert source_digest("nets/net.py:Net") != net


def test_another_name_of_the_same_file_counts(net):
    assert source_digest("nets/net.py:Block") != net


def test_the_closure_names_files_and_modules_of_the_project(net):
    texts, project = closure(["nets/net.py"])
    assert set(texts) == {"nets/net.py", "nets/blocks.py"}
    assert "layeratlas.words" in project


@pytest.mark.parametrize(
    "line", ["from extensions.two import x", "from extensions import two", "import extensions.two",
             "from . import two", "from .two import x"],
)  # fmt: skip
def test_files_of_extensions_follow_each_other(write, line):
    write("extensions/one.py", f"{line}\n")
    write("extensions/two.py", "x = 1\n")
    assert set(closure(["extensions.one"])[0]) == {"extensions.one", "extensions.two"}


def test_nothing_is_run(write):
    write("extensions/one.py", "raise SystemExit\nx = 1\n")
    assert refusal("extensions.one:x") is None
    assert len(source_digest("extensions.one:x")) == 16


def test_what_is_not_there_is_an_error(write):
    with pytest.raises(ConfigError, match=r"'gone.py': there is no such file"):
        closure(["gone.py"])
    write("bad.py", "def f(:\n")
    with pytest.raises(ConfigError, match=r"bad.py, line 1: "):
        closure(["bad.py"])
    assert "bad.py, line 1" in refusal("bad.py:f")


def test_modules_of_the_project_are_not_users():
    assert not is_users("layeratlas.words") and is_users("extensions.a") and is_users("a.py")
    assert refusal("layeratlas.words:listed") is None
    assert find("pytest").name == "__init__.py" and find("no_such_package.x") is None
