"""Many shards: what a job leaves, and what planning opens and does for each of them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CUBE = {"experiment": "scale"}


def _benchmark():
    found = importlib.util.spec_from_file_location("scale", ROOT / "benchmarks" / "scale.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


scale = _benchmark()


@pytest.fixture(scope="module")
def project(tmp_path_factory, compiled) -> Path:
    """A workflow with an experiment of ten shards, none of them made."""
    folder = tmp_path_factory.mktemp("scale")
    scale.copy(folder)
    scale.ask(folder, 10)
    return folder


@pytest.fixture(scope="module")
def jobs(project) -> dict[str, Counter[str]]:
    """A shard trained and measured through Snakemake: the files that each job left, by kind."""
    first, second = scale.plans(project)[:2]
    # What comes with the first shard and is for all: folders, the data set.
    scale.snakemake(project, scale.result("measurements", first.key))
    left = {}
    for rule, folder in (("train", "shards"), ("measure", "measurements")):
        before = scale.kept(project)
        scale.snakemake(project, scale.result(folder, second.key))
        left[rule] = scale.kept(project) - before
    return left


INDEX = ("provenance/index.sqlite", "provenance/.index.lock")


@pytest.mark.slow
def test_jobs_leave_at_most_six_inodes(jobs):
    """One of them is the log of an invocation of Snakemake, which may run any number of jobs; the
    index of records, which asks what earlier jobs used, is there once a project."""
    for rule, paths in jobs.items():
        paths = {path for path in paths if not path.startswith(INDEX)}
        invocations = {path for path in paths if path.startswith(".snakemake/log/")}
        assert len(invocations) == 1
        assert len(paths - invocations) == {"train": 5, "measure": 4}[rule], sorted(paths)
        assert not [path for path in paths if "metadata" in path or path.endswith("/logs")], rule


@pytest.mark.slow
def test_shards_of_earlier_versions_are_finished(project, jobs):
    """Which left Snakemake's metadata, and empty logs."""
    profile = project / "profiles" / "default" / "config.yaml"
    text = profile.read_text(encoding="utf-8")
    key = scale.plans(project)[2].key
    target, metadata = scale.result("measurements", key), project / ".snakemake" / "metadata"
    profile.write_text(
        text.replace("drop-metadata: true", "drop-metadata: false"), encoding="utf-8"
    )
    scale.snakemake(project, target)
    profile.write_text(text, encoding="utf-8")
    log = project / scale.RESULTS / "logs" / "train" / f"scale-{key}.log"
    log.touch()
    assert len(list(metadata.iterdir())) == 4
    assert scale.snakemake(project, target, "-n")["jobs"] == 0
    shutil.rmtree(metadata)
    assert scale.snakemake(project, target, "-n")["jobs"] == 0


# --- planning ---------------------------------------------------------------------------------
_opened: list[str] | None = None


def _listen(event: str, arguments: tuple) -> None:
    if event == "open" and _opened is not None and isinstance(arguments[0], str):
        _opened.append(arguments[0])


sys.addaudithook(_listen)


@pytest.fixture
def finished(project, jobs, monkeypatch):
    """`finished(n)`: what planning does where n shards and their cube are there."""

    def planning(shards: int) -> tuple[Counter[str], Counter[str], int]:
        """Files opened and asked for under results/, and lines of ours that ran."""
        global _opened
        scale.ask(project, shards)
        scale.finish(project)
        asked: list[str] = []
        lines = 0
        stat = os.stat

        def counting(path, *arguments, **options):
            asked.append(os.fspath(path) if isinstance(path, str | os.PathLike) else "")
            return stat(path, *arguments, **options)

        def trace(frame, event, argument):
            nonlocal lines
            if "layeratlas" not in frame.f_code.co_filename:
                return None
            lines += event == "line"
            return trace

        with scale.inside(project) as atlas, monkeypatch.context() as patch:
            atlas.experiments["scale"]
            patch.setattr(os, "stat", counting)
            _opened = []
            sys.settrace(trace)
            try:
                assert atlas.receipts.reason("assemble_cube", CUBE) is None
            finally:
                sys.settrace(None)
                opened, _opened = _opened, None
        ours = [
            Counter(path for path in paths if path.startswith("results/"))
            for paths in (opened, asked)
        ]
        return *ours, lines

    return planning


def test_planning_opens_each_file_once_and_five_a_shard(finished):
    """Plan, and receipt and manifest of both jobs."""
    (few, _, _), (many, asked, _) = finished(20), finished(40)
    assert max(many.values()) == 1
    assert sum(many.values()) - sum(few.values()) == 20 * 5
    # Whether a shard is there, and the sizes of its archives.
    assert sum(asked.values()) <= 40 * 3 + 10


def test_planning_does_not_grow_with_the_square_of_shards(finished):
    small, middle, large = (finished(n)[2] for n in (50, 100, 200))
    assert large - middle < 2.2 * (middle - small)
