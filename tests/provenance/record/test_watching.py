"""What Python opens, writes and renames is seen; what lies elsewhere, or is hidden, is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from layeratlas.provenance.record.watching import Seen, collected, stamp, variables, watched


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    root = Path(os.path.realpath(tmp_path)) / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    (root / "in.txt").write_text("1")
    (root / "untouched.txt").write_text("2")
    (tmp_path / "elsewhere.txt").write_text("3")
    return root


def test_files_of_this_process(root, tmp_path):
    with watched(str(root)) as seen:
        Path("in.txt").read_text()
        (tmp_path / "elsewhere.txt").read_text()
        Path("out.txt").write_text("4")
        Path("out.txt").read_text()
        Path("half.tmp").write_text("5")
        Path("half.tmp").rename("whole.txt")
        Path(".hidden").write_text("6")
        descriptor = os.open(os.fsencode("bytes.bin"), os.O_RDWR | os.O_CREAT)
        os.fdopen(descriptor, "rb").close()
        assert not Path("missing").exists()
        with pytest.raises(FileNotFoundError):
            Path("missing").read_text()
    Path("untouched.txt").read_text()
    assert seen.read == {"in.txt": stamp("in.txt")}
    assert seen.written == {"out.txt", "half.tmp", "whole.txt", "bytes.bin"}
    assert seen.pythons == {sys.prefix}


def test_what_is_read_first_has_the_stamp_of_then(root):
    then = stamp("in.txt")
    with watched(str(root)) as seen:
        Path("in.txt").read_text()
        Path("in.txt").write_text("another length")
        Path("in.txt").read_text()
    assert seen.read == {"in.txt": then} != {"in.txt": stamp("in.txt")}
    assert "in.txt" in seen.written


def test_a_link_to_the_folder_and_a_link_inside_it(root, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a").write_text("1")
    (root / "results").symlink_to(tmp_path / "disk")
    (tmp_path / "link").symlink_to(root)
    seen = Seen(str(root))
    for path in ("results/a", tmp_path / "link" / "in.txt"):
        seen.opened(str(path), os.O_RDONLY)
    assert set(seen.read) == {"results/a", "in.txt"}


def test_a_compiled_module_stands_for_its_source(root):
    (root / "helper.py").write_text("")
    seen = Seen(str(root))
    seen.opened("__pycache__/helper.cpython-311.pyc", os.O_RDONLY)
    seen.opened("other.pyc", os.O_RDONLY)
    assert set(seen.read) == {"helper.py"}


@pytest.fixture
def ran(root, tmp_path):
    """Runs a script in a process that is watched: what was seen."""

    def run(text: str, **more: str) -> Seen:
        folder = tmp_path / "watched"
        folder.mkdir(exist_ok=True)
        (root / "mine.py").write_text(text)
        around = variables(str(folder), str(root), {**os.environ, **more})
        subprocess.run([sys.executable, "mine.py"], env=around, check=True, cwd=root)
        return collected(str(folder), str(root))

    return run


def test_files_of_other_processes(root, ran):
    (root / "helper.py").write_text("")
    inner = "open('made.txt').read(); open('deep.txt', 'w')"
    text = (
        "import helper, os, subprocess, sys\n"
        "open('in.txt').read()\n"
        "open('made.txt', 'w').close()\n"
        f"subprocess.run([sys.executable, '-c', {inner!r}], check=True)\n"
        # One that ends without its own leave has told what it did.
        "if not os.fork():\n    open('untouched.txt').read(); os._exit(0)\n"
        "os.wait()\n"
    )
    for _ in range(2):  # the second time from the compiled module
        seen = ran(text)
        assert set(seen.read) == {"mine.py", "helper.py", "in.txt", "untouched.txt"}
        assert seen.written == {"made.txt", "deep.txt"}
        assert sys.prefix in seen.pythons


def test_a_sitecustomize_of_ones_own_is_kept(root, tmp_path, ran):
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import builtins\nbuiltins.there = True\n")
    seen = ran("open('yes' if there else 'no', 'w')", PYTHONPATH=str(own))
    assert seen.written == {"yes"}


def test_where_nothing_told_anything(root, tmp_path):
    seen = collected(str(tmp_path), str(root))
    assert (seen.read, seen.written, seen.pythons) == ({}, set(), set())
