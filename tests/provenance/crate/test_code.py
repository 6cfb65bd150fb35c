"""The code that a crate holds is that which makes its result: of the project, git or the store."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from made.clones import git
from made.crates import CUBE, FIGURE, graph

from layeratlas.bounded.seals import sealed
from layeratlas.provenance.crate import export as exporting
from layeratlas.provenance.crate.code import code_of, installed, users_files
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.history import History, trace
from layeratlas.provenance.crate.standing import Standing
from layeratlas.provenance.record.code_archive import code_archive
from layeratlas.provenance.record.keeping import keep_bytes
from layeratlas.provenance.record.source import git_state, source_hash
from layeratlas.provenance.record.writing import record_bytes

MODULE = "src/layeratlas/metrics/loads.py"


def record(project, **code) -> None:
    """Write into all records which code ran."""
    for path in project.records.values():
        document = json.loads(path.read_text())
        document["code"] |= code
        path.write_bytes(record_bytes(sealed(document)))


@pytest.fixture
def edited(project, monkeypatch):
    """A project under git whose code, that of all its jobs, was edited afterwards."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    root, package = project.root, project.root / "src" / "layeratlas"
    (root / ".gitignore").write_text("results\nfigures\nprovenance\nstore\n")
    git(root.parent, "init", "-q", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "what ran")
    record(project, source=source_hash(package), commit=git(root, "rev-parse", "HEAD"))
    (root / MODULE).write_text("LOADS = 2\n")
    git(root, "commit", "-qam", "what is")
    return project


def history(project) -> History:
    return trace(project.root / FIGURE, project.root)


def loads(project, folder: Path, is_stale: bool = True) -> str:
    folder.mkdir()
    return (code_of(history(project), is_stale, folder).folder / MODULE).read_text()


def test_what_makes_the_same_is_todays(edited, tmp_path):
    """Whatever was edited elsewhere: fingerprints have said that it does not matter."""
    assert loads(edited, tmp_path / "a", is_stale=False) == "LOADS = 2\n"


def test_the_code_that_ran_comes_from_its_commit(edited, tmp_path):
    assert loads(edited, tmp_path / "a") == "LOADS = 1\n"
    (tmp_path / "b").mkdir()
    found = code_of(history(edited), True, tmp_path / "b")
    maker = history(edited).maker
    assert (found.state.commit, found.state.dirty, found.note) == (maker.code.commit, False, "")


def test_with_the_changes_that_no_commit_holds(edited, tmp_path):
    root, package = edited.root, edited.root / "src" / "layeratlas"
    (root / MODULE).write_text("LOADS = 3\n")
    (package / "new.py").write_text("NEW = 1\n")
    state = git_state(package)
    assert state.diff is not None
    record(edited, source=source_hash(package), commit=state.commit, dirty=True,
           diff=keep_bytes(state.diff, ".diff", root))  # fmt: skip
    (package / "new.py").unlink()
    (root / MODULE).write_text("LOADS = 4\n")
    assert loads(edited, tmp_path / "a") == "LOADS = 3\n"


def test_without_git_it_comes_from_the_store(edited, tmp_path):
    root, package = edited.root, edited.root / "src" / "layeratlas"
    shutil.rmtree(root / ".git")
    (root / MODULE).write_text("LOADS = 3\n")
    record(edited, source=source_hash(package), commit=None, dirty=None,
           kept=keep_bytes(code_archive(root, package), ".tar", root))  # fmt: skip
    (root / MODULE).write_text("LOADS = 4\n")
    assert loads(edited, tmp_path / "a") == "LOADS = 3\n"
    # With the lock of today, which no archive of code holds.
    assert (tmp_path / "a" / "_from_store" / "envs" / "requirements.lock").is_file()


def test_where_nobody_has_it_todays_is_said_to_be_another(edited, tmp_path, monkeypatch):
    record(edited, source="0" * 64)
    assert loads(edited, tmp_path / "a") == "LOADS = 2\n"
    monkeypatch.setattr(exporting, "standing", lambda history: Standing(("it is old",)))
    crate = export_crate(CUBE, tmp_path / "crate", edited.root)
    told = graph(crate)["Snakefile"]["description"]
    assert "The code is not that which made the result" in told


def test_a_stale_crate_holds_the_code_that_ran(edited, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "standing", lambda history: Standing(("it is old",)))
    crate = export_crate(CUBE, tmp_path / "stale", edited.root)
    assert (crate / MODULE).read_text() == "LOADS = 1\n"
    commit = history(edited).maker.code.commit
    assert json.loads((crate / "crate.json").read_text())["commit"] == commit
    assert f"commit {commit}, without changes" in graph(crate)["Snakefile"]["description"]
    # The control: where it is not stale, today's.
    monkeypatch.setattr(exporting, "standing", lambda history: Standing())
    assert (export_crate(CUBE, tmp_path / "b", edited.root) / MODULE).read_text() == "LOADS = 2\n"


# --- files of users ---------------------------------------------------------------------------
MINE = "extensions/mine.py"


@pytest.fixture
def extended(project) -> History:
    """The history of a figure whose jobs ran a file of the user's own, and a package."""
    found = history(project)
    archive = keep_bytes(tar_of(MINE, "THEN = 1\n"), ".tar", project.root)
    names = (MINE, "installed/theirs/__init__.py", "installed/one.py", "/etc/passwd", "../up.py")
    jobs = [
        replace_code(job, users=archive, users_files=names) if job.activity.rule == "train" else job
        for job in found.jobs
    ]
    (project.root / "extensions").mkdir()
    (project.root / MINE).write_text("NOW = 1\n")
    return replace(found, jobs=tuple(jobs))


def replace_code(job, **changes):
    return job.model_copy(update={"code": job.code.model_copy(update=changes)})


def tar_of(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


def test_users_files_are_todays_where_these_make_the_same(extended, tmp_path):
    found = users_files(extended, extended.root, False, tmp_path / "scratch")
    assert {name: path.read_text() for name, path in found.items()} == {MINE: "NOW = 1\n"}


def test_else_and_where_they_are_gone_those_that_ran(extended, tmp_path):
    (tmp_path / "a").mkdir()
    found = users_files(extended, extended.root, True, tmp_path / "a")
    assert {name: path.read_text() for name, path in found.items()} == {MINE: "THEN = 1\n"}
    (extended.root / MINE).unlink()
    (tmp_path / "b").mkdir()
    found = users_files(extended, extended.root, False, tmp_path / "b")
    assert {name: path.read_text() for name, path in found.items()} == {MINE: "THEN = 1\n"}


def test_of_packages_the_names_are_told(extended):
    assert installed(extended) == ("one", "theirs")
