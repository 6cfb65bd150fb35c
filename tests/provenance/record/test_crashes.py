"""Killed and crowded writers: no bad read, no lost record, every object what its name says."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from layeratlas.figures import output
from layeratlas.figures.output import read_identity
from layeratlas.provenance.record.keeping import keep
from layeratlas.provenance.record.recording import Recorder
from layeratlas.provenance.store.objects import find_object, stored_objects
from layeratlas.provenance.store.verify import verify
from layeratlas.storage import file_digest, open_datatree, publish
from layeratlas.workflow.frame import job

# Slow: they fork, which is safe only in a process that has not started threads (run them alone).
pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("quick_capture"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]
KILLS = 30
CUBE, SHARD = "results/smoke/cubes/a.zarr.zip", "results/smoke/shards/a/0.zarr.zip"


def cube(tools, trees, monkeypatch):
    snakemake = tools.cube_job("a")

    def work(version: int) -> None:
        with job(snakemake):
            publish(trees[version], CUBE, objects="store/objects")

    return work, lambda: whole(CUBE)


def shard(tools, trees, monkeypatch):
    snakemake = tools.cube_job("0", folder="shards/a", role="shard", rule="train")

    def work(version: int) -> None:
        with job(snakemake):
            publish(trees[version], SHARD)

    return work, lambda: whole(SHARD)


def whole(path: str) -> int:
    """The version that stands, which must be one throughout."""
    with open_datatree(path) as tree:
        values = tree["layers"]["v"].values
        seen = {int(tree.attrs["version"]), int(tree["layers"]["mark"]), *map(int, values.flat)}
    assert len(seen) == 1, seen
    return seen.pop()


def figure(tools, trees, monkeypatch):
    drawn = [output.render(Figure(), "f", {"version": str(v)}) for v in (0, 1)]
    paths = [f"figures/f.{kind}" for kind in output.FORMATS]
    snakemake = tools.job_object("draw_figure", outputs={"figure": paths})

    def work(version: int) -> None:
        # Drawing takes most of the time; the kills are to come while files are written.
        monkeypatch.setattr(output, "render", lambda *a: drawn[version])
        with job(snakemake):
            output.save(None, Path("figures/f"), {})

    def read() -> None:
        for path in paths:
            content = Path(path).read_bytes()
            assert content in (drawn[0][path[-3:]], drawn[1][path[-3:]])
            assert read_identity(Path(path))["version"] in "01"

    return work, read


def record(tools, trees, monkeypatch):
    snakemake = tools.job_object("claims", params={"plan": "x" * 100_000})

    def work(version: int) -> None:
        Recorder(snakemake).finish()

    return work, lambda: len(tools.records(Path()))


@pytest.mark.parametrize("kind", [shard, cube, figure, record])
def test_killed_jobs(project, tools, monkeypatch, kind):
    """A child does job after job and says so; it is killed at any moment. Four times 30 kills."""
    trees = [tools.numbers(version) for version in (0, 1)]
    work, read = kind(tools, trees, monkeypatch)
    start = time.perf_counter()
    work(0)
    work(1)
    one_job = (time.perf_counter() - start) / 2
    inbox, outbox = os.pipe()

    def forever() -> None:
        while True:
            for version in (0, 1):
                work(version)
                os.write(outbox, b"f")

    chance, left = random.Random(0), 0
    for kill in range(KILLS):
        child = tools.in_child(forever)
        deadline = time.perf_counter() + chance.uniform(0, 3 * one_job)
        while time.perf_counter() < deadline:
            read()
        if kill == KILLS - 1:
            # On a busy machine no child may have come that far; the last one is given the time.
            select.select([inbox], [], [], 60)
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        read()
        left += any(path.name.endswith(".tmp") for path in project.rglob("*"))
    os.close(outbox)
    with os.fdopen(inbox, "rb") as pipe:
        finished = 2 + len(pipe.read())
    records = tools.records(project)  # none is half
    assert all(record.status == "ok" for record in records)
    # A job may be killed after its record and before it says so; none is lost.
    assert finished <= len(records) <= finished + KILLS
    assert finished > 2
    assert left, "some kills came while something was written"
    assert len({record.id for record in records}) == len(records)
    for digest, _, path in stored_objects(project):
        assert file_digest(path) == digest
    for made in records:
        for state in made.outputs:
            assert not state.kept or find_object(state.digest).exists()
    # Done again, as Snakemake would, all is as if nothing had happened.
    work(1)
    table = verify()
    assert table[table["status"] != "ok"].empty


def test_many_publishers_and_two_pipelines_on_one_store(project, tools):
    """8 publishers of different cubes, and two chains of jobs, at once: nothing is lost."""
    versions = 5

    def publisher(name: str) -> None:
        snakemake = tools.cube_job(name)
        for version in range(versions):
            with job(snakemake):
                # Some versions are common to all: several publishers make one object.
                publish(tools.numbers(version), snakemake.output.cube, objects="store/objects")

    def pipeline(preset: str) -> None:
        for version in range(versions):
            shards = tools.cube_job(preset, folder="shards/p", role="shard", rule="train")
            with job(shards):
                publish(tools.numbers(version + 200), shards.output.shard)
            given = {"shard": shards.output.shard}
            cubes = tools.cube_job(preset, inputs=given)
            with job(cubes):
                publish(tools.numbers(version + 100), cubes.output.cube, objects="store/objects")
            drawn = tools.job_object(
                "draw_figure",
                inputs={"cubes": [cubes.output.cube]},
                outputs={"figure": [f"figures/{preset}.svg"]},
            )
            with job(drawn):
                Path("figures").mkdir(exist_ok=True)
                Path(drawn.output[0]).write_text(f"{preset} {version}")

    children = [tools.in_child(lambda n=n: publisher(f"cube{n}")) for n in range(8)]
    children += [tools.in_child(lambda p=p: pipeline(p)) for p in ("one", "two")]
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    records = tools.records(project)
    assert len(records) == 8 * versions + 2 * 3 * versions
    assert all(record.status == "ok" for record in records)
    kept = [state for record in records for state in record.outputs if state.kept]
    assert len(kept) == 8 * versions + 2 * 2 * versions
    for state in kept:
        assert file_digest(find_object(state.digest)) == state.digest
    table = verify()
    assert table[table["status"] != "ok"].empty
    assert not [path for path in project.rglob("*") if path.name.endswith(".tmp")]


def test_garbage_collection_beside_publishers(project, tools):
    """What stands is in the store whatever the collector does meanwhile."""
    from layeratlas.provenance.store.garbage import collect_garbage

    snakemake = tools.cube_job("a")

    def publish_on() -> None:
        for version in range(40):
            publish(tools.numbers(version % 3), CUBE, objects="store/objects")

    with job(snakemake):
        publish(tools.numbers(9), CUBE, objects="store/objects")
    child = tools.in_child(publish_on)
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        collect_garbage(apply=True)
    digest = file_digest(CUBE)
    assert find_object(digest).exists()
    assert keep(CUBE, project) == digest
