"""The code that runs: its hash, and what git says about it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest
from made.clones import git
from made.programs import git_but, program

from layeratlas.provenance.record import source


def test_a_clean_clone(clone):
    top, package = clone
    (top / "README.md").write_text("other words\n")  # decides no number
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "a.pyc").write_bytes(b"1")
    state = source.git_state(package)
    assert (state.commit, state.dirty, state.diff) == (git(top, "rev-parse", "HEAD"), False, None)


def test_the_diff_rebuilds_uncommitted_code(clone, tmp_path):
    top, package = clone
    (package / "metrics" / "a.py").write_text("A = 2")
    (package / "__init__.py").write_text("VERSION = 2\n")
    git(top, "add", "src/layeratlas/__init__.py")  # staged is not committed either
    (package / "neü name.py").write_text("B = 1\n")
    (package / "empty.py").write_text("")
    (top / "scripts" / "train.py").unlink()
    index = (top / ".git" / "index").read_bytes()
    state = source.git_state(package)
    assert state.dirty
    assert (top / ".git" / "index").read_bytes() == index
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(top), str(other))
    git(other, "checkout", "-q", state.commit)
    subprocess.run(["git", "-C", str(other), "apply"], input=state.diff, check=True)
    assert source.source_hash(other / "src" / "layeratlas") == source.source_hash(package)
    assert not (other / "scripts" / "train.py").exists()


def test_a_change_as_young_as_the_index_is_in_the_diff(clone):
    """In the same moment as a commit, of the same size: only the content tells, and git asks for
    it by the time of its index, a copy of which must have that time."""
    top, package = clone
    module, then = package / "metrics" / "a.py", (1_700_000_000, 1_700_000_000)
    # The time of an inode cannot be set: git is told not to look at it.
    git(top, "config", "core.trustctime", "false")
    os.utime(module, then)
    git(top, "add", "-A")
    module.write_text("A = 2\n")
    for path in (module, top / ".git" / "index"):
        os.utime(path, then)
    tracked = source.git_state(package)
    (package / "new.py").write_text("B = 1\n")
    both = source.git_state(package)
    assert tracked.dirty and both.dirty
    assert b"+A = 2" in tracked.diff and b"+A = 2" in both.diff and b"+B = 1" in both.diff


@pytest.mark.parametrize(
    "setting", [("noprefix", "true"), ("mnemonicPrefix", "true"), ("context", "0")]
)
def test_a_diff_can_be_applied_whatever_the_users_settings_are(clone, tmp_path, setting):
    top, package = clone
    (package / "metrics" / "a.py").write_text("A = 1\nB = 2\nC = 3\n")
    git(top, "commit", "-qam", "three lines")
    (package / "metrics" / "a.py").write_text("A = 1\nB = 4\nC = 3\n")
    git(top, "config", f"diff.{setting[0]}", setting[1])
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(top), str(other))
    state = source.git_state(package)
    subprocess.run(["git", "-C", str(other), "apply"], input=state.diff, check=True)
    assert source.source_hash(other / "src" / "layeratlas") == source.source_hash(package)


def test_git_that_says_nothing(clone, tmp_path, monkeypatch):
    top, package = clone
    nothing = source.GitState()
    # Installed inside somebody's project: its commits say nothing of our code.
    inside = top / ".venv" / "lib" / "layeratlas"
    shutil.copytree(package, inside)
    assert source.git_state(inside) == nothing
    outside = tmp_path / "plain" / "layeratlas"
    shutil.copytree(package, outside)
    assert source.git_state(outside) == nothing
    git(tmp_path, "init", "-q", str(tmp_path / "plain"))
    git(tmp_path / "plain", "add", "-A")
    assert source.git_state(outside) == nothing  # no commit yet


def test_the_hash_covers_every_module_and_nothing_else(clone):
    _, package = clone
    before = source.source_hash(package)
    (package / "README.md").write_text("words")
    assert source.source_hash(package) == before
    (package / "metrics" / "a.py").rename(package / "metrics" / "b.py")
    renamed = source.source_hash(package)
    assert renamed != before
    (package / "metrics" / "b.py").write_text("A = 1 \n")
    assert source.source_hash(package) not in (before, renamed)


def test_an_edit_is_noticed_and_a_missing_package_is_one(clone, monkeypatch):
    _, package = clone
    monkeypatch.setattr(source.source_hash, "__defaults__", (package,))
    before = source.source_hash()
    assert not source.was_edited(before)
    (package / "metrics" / "a.py").write_text("A = 3\n")
    assert source.was_edited(before)


def test_the_address_is_the_one_git_knows(clone):
    top, package = clone
    assert source.git_state(package).repository is None
    git(top, "remote", "add", "origin", "https://ada:secret@example.org/ada/atlas.git")
    assert source.git_state(package).repository == "https://example.org/ada/atlas.git"
    (package / "new.py").write_text("B = 1\n")
    state = source.git_state(package)
    assert (state.dirty, state.repository) == (True, "https://example.org/ada/atlas.git")


@pytest.mark.parametrize(
    ("remote", "told"),
    [
        ("https://example.org/a/b.git", "https://example.org/a/b.git"),
        ("https://token@example.org:8443/a/b?x=secret#y", "https://example.org:8443/a/b"),
        ("ssh://git@example.org/a/b.git", "ssh://example.org/a/b.git"),
        ("git@example.org:a/b.git", "ssh://example.org/a/b.git"),
        ("example.org:a/b", "ssh://example.org/a/b"),
        ("/home/ada/atlas", None),
        ("../atlas", None),
        ("file:///home/ada/atlas", None),
        ("C:/Users/ada/atlas", None),
        ("C:\\Users\\ada", None),
        ("https://example.org:port/x", None),
        ("", None),
    ],
)
def test_addresses_that_can_be_told(remote, told):
    assert source.public_address(remote) == told


# --- what git does not say --------------------------------------------------------------------
def test_git_that_is_missing_is_no_answer(clone, tmp_path, monkeypatch):
    _, package = clone
    monkeypatch.setenv("PATH", str(tmp_path))
    assert source.git_state(package) == source.GitState(unread={"commit": "git is not installed"})
    # Where there is no repository there is nothing to ask.
    outside = tmp_path / "plain" / "layeratlas"
    shutil.copytree(package, outside)
    assert source.git_state(outside) == source.GitState()


def test_git_that_refuses_is_no_answer(clone, monkeypatch, tmp_path):
    """Somebody else's repository, as in containers and on shared disks."""
    top, package = clone
    try:
        for place in (top, top / ".git"):
            os.chown(place, 12345, 12345)
    except PermissionError:
        pytest.skip("giving a folder away needs root")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    state = source.git_state(package)
    assert (state.commit, state.dirty) == (None, None)
    assert "somebody else owns" in state.unread["commit"]
    assert "safe.directory" in state.unread["commit"]
    assert str(top) not in state.unread["commit"]


def test_git_that_fails_is_no_answer(clone, tmp_path, monkeypatch):
    top, package = clone
    (top / ".git" / "HEAD").write_text("nonsense")
    assert "git says 'fatal: " in source.git_state(package).unread["commit"]
    script = "echo fatal: of \x1b[2J$0 >&2; exit 128"
    monkeypatch.setenv("PATH", program(tmp_path / "bin", "git", script))
    said = source.git_state(package).unread["commit"]
    assert said.isprintable()
    assert said.startswith("git says 'fatal: of")


def test_slow_git_holds_a_job_up_once_and_says_so(clone, tmp_path, monkeypatch):
    """Its children, too: one that keeps the pipe open would be waited for."""
    _, package = clone
    monkeypatch.setattr(source, "_SECONDS", 0.5)
    monkeypatch.setenv("PATH", program(tmp_path / "bin", "git", "sleep 60 & sleep 60"))
    start = time.monotonic()
    assert source.git_state(package).unread == {"commit": "git took longer than 0.5 s"}
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("word", ["diff", "add", "rev-parse"])
def test_a_diff_that_fails_halfway_is_no_diff(clone, tmp_path, monkeypatch, word):
    top, package = clone
    (package / "new.py").write_text("B = 1\n")
    commit = git(top, "rev-parse", "HEAD")
    monkeypatch.setenv("PATH", git_but(tmp_path / "bin", word, "echo fatal: no >&2; exit 1"))
    state = source.git_state(package)
    assert (state.commit, state.dirty, state.diff) == (commit, True, None)
    assert state.unread == {"diff": "git says 'fatal: no'"}


def test_an_address_that_is_not_told_is_no_answer(clone, tmp_path, monkeypatch):
    _, package = clone
    monkeypatch.setenv("PATH", git_but(tmp_path / "bin", "config", "exit 3"))
    state = source.git_state(package)
    assert (state.dirty, state.unread) == (False, {"repository": "git says 'exit status 3'"})


def test_a_module_that_cannot_be_read_stops_nothing(clone):
    """An editor's dangling link, or a file of somebody else."""
    _, package = clone
    before = source.source_hash(package)
    (package / ".#a.py").symlink_to("nowhere")
    digest, unreadable = source.source_state(package)
    assert unreadable == [".#a.py"]
    assert digest != before
