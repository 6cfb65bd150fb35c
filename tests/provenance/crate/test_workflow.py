"""The workflow's files: found, and enclosed only where they are what ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.provenance.crate.workflow import LOCK, WorkflowFiles
from layeratlas.storage.hashing import file_digest

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def files(tmp_path):
    """A project with a Snakefile of its own."""
    for name, text in {
        "Snakefile": "",
        "rules/b.smk": "",
        "rules/a.smk": "",
        "scripts/train.py": '"""Train a shard.\n\nMore."""\n',
        "scripts/bare.py": "x = 1\n",
        "scripts/broken.py": "def\n",
        LOCK.as_posix(): "numpy==1\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return WorkflowFiles.near(tmp_path)


def test_the_projects_own_snakefile_comes_first(files, tmp_path):
    assert files.folder == tmp_path
    assert WorkflowFiles.near(tmp_path / "elsewhere").folder == REPOSITORY


def test_rules_in_order(files):
    assert [path.as_posix() for path in files.rule_files] == ["rules/a.smk", "rules/b.smk"]


def test_scripts_and_lock_only_as_they_ran(files):
    digest = file_digest(files.folder / "scripts" / "train.py")
    assert files.script("train", digest) == Path("scripts/train.py")
    assert files.script("train", "0" * 64) is None
    assert files.script("train", None) is None
    assert files.script("gone", digest) is None
    assert files.lock(file_digest(files.folder / LOCK)) == LOCK
    assert files.lock("0" * 64) is None
    assert files.lock(None) is None


def test_a_rule_does_what_its_script_says(files):
    assert files.purpose("train") == "Train a shard."
    assert [files.purpose(name) for name in ("bare", "broken", "gone")] == [None] * 3


def test_what_a_crate_takes_of_a_folder_is_named(files):
    """Of a folder, what stands in it by chance is nobody's to publish."""
    for name in ("notes.txt", "scripts/.secret", "envs/.secret", "results/a.json", "Makefile"):
        (files.folder / name).parent.mkdir(exist_ok=True)
        (files.folder / name).write_text("")
    places = files.files()
    assert set(places) == {
        *("Snakefile", "Makefile", "rules/a.smk", "rules/b.smk", LOCK.as_posix()),
        *(f"scripts/{name}.py" for name in ("train", "bare", "broken")),
    }
    assert all(files.folder / name == path for name, path in places.items())


def test_where_there_is_no_package_there_is_no_hash(files):
    assert files.source is None
    (files.folder / "src" / "layeratlas").mkdir(parents=True)
    assert files.source is not None
