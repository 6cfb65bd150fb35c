"""What jobs inherit: this clone's package first, and one thread."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest

from layeratlas.errors import StoreError
from layeratlas.workflow.environment import bring, set_up


def test_this_clone_comes_first_and_once():
    environment = {"PYTHONPATH": os.pathsep.join(["/other", "", "/clone/src", "/more"])}
    set_up("/clone/src", environment)
    assert environment["PYTHONPATH"].split(os.pathsep) == ["/clone/src", "/other", "/more"]
    set_up("/clone/src", environment)
    assert environment["PYTHONPATH"].split(os.pathsep) == ["/clone/src", "/other", "/more"]


def test_without_a_path_there_is_one():
    environment: dict[str, str] = {}
    set_up("/clone/src", environment)
    assert environment["PYTHONPATH"] == "/clone/src"


def test_jobs_run_on_one_thread():
    environment: dict[str, str] = {}
    set_up("/clone/src", environment)
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "1"


def test_where_the_user_has_no_name_the_number_will_do(monkeypatch, tmp_path):
    def unknown():
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    environment: dict[str, str] = {}
    set_up("/clone/src", environment, tmp_path)
    assert environment["LOGNAME"] == str(os.getuid())
    environment = {"USER": "somebody"}
    set_up("/clone/src", environment, tmp_path)
    assert "LOGNAME" not in environment


def test_a_sentence_where_caches_go_elsewhere(tmp_path):
    assert set_up("/clone/src", {"XDG_CACHE_HOME": str(tmp_path / "c")}, tmp_path) is None
    environment = {"XDG_CACHE_HOME": "/proc/none"}
    said = set_up("/clone/src", environment, tmp_path)
    assert said is not None and str(tmp_path / ".layeratlas") in said
    assert set_up("/clone/src", environment, tmp_path) is None  # once, not in every job


@pytest.mark.parametrize("name", [".snakemake", "results", "provenance", "store"])
def test_a_folder_that_is_to_be_filled_must_be_one(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(StoreError, match=rf"{name} cannot be written, and {name}/ is to be made"):
        set_up("/clone/src", {}, tmp_path)


def test_folders_that_cannot_be_written_are_named(tmp_path, monkeypatch):
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / "results")
    with pytest.raises(StoreError, match="results cannot be written") as caught:
        set_up("/clone/src", {}, tmp_path)
    assert "snakemake --directory FOLDER" in str(caught.value)


def test_what_jobs_read_of_the_clone_comes_along(tmp_path):
    clone, here = tmp_path / "{clone}", tmp_path / "here"
    (clone / "data").mkdir(parents=True)
    here.mkdir()
    path = Path("data") / "panels.csv"
    (clone / path).write_text("1")
    assert bring(path, clone, clone) == bring(path, clone, here) == "data/panels.csv"
    assert (here / path).read_text() == "1"
    before = (here / path).stat().st_mtime_ns
    bring(path, clone, here)
    assert (here / path).stat().st_mtime_ns == before
    (clone / path).write_text("2")
    bring(path, clone, here)
    assert (here / path).read_text() == "2"
