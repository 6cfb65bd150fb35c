"""Shards of any size give one cube, and what is finished is known in shards of every size."""

from __future__ import annotations

import json

import pytest

CUBE = "results/smoke/cubes/tiny.zarr.zip"
# Its four points with one seed are the tiny experiment's.
GRID = {"dropout": [0, 0.1], "negative_slope": [0, 1]}


def content(project) -> str:
    return json.loads((project.folder / "results/smoke/cubes/tiny.json").read_text())[
        "content_hash"
    ]


def shards(project) -> list[int]:
    plans = (project.folder / "results/smoke/shards/tiny").glob("*.plan.json")
    return sorted(len(json.loads(path.read_text())["run_ids"]) for path in plans)


@pytest.mark.parametrize(
    ("seeds", "sizes"),
    [(2, (2, 8)), pytest.param(10, (1, 7, 40), marks=pytest.mark.slow)],
    ids=["of up to 8", "of up to 40"],
)
def test_one_cube_and_no_run_trained_again(finished_once, tmp_path, seeds, sizes):
    """Equal content hashes; changing between the sizes trains 0 runs, minutes a job neither."""
    made = {}
    for size in sizes:
        project = made[size] = finished_once.copy(tmp_path / f"of-{size}")
        project.write(grid=GRID, seeds=seeds, shard_size=size)
        project.make(CUBE, verbose=False)
        # Four runs were finished before, in a shard of their own, and are recognised.
        assert 4 in shards(project) and sum(shards(project)) == 4 * seeds
        assert max(shards(project)) == max(4, min(size, 4 * seeds - 4))
    assert len({content(project) for project in made.values()}) == 1
    for size, project in made.items():
        for other in {*sizes} - {size}:
            project.write(grid=GRID, seeds=seeds, shard_size=other)
            assert not project.planned(CUBE)
        assert not project.planned(CUBE, minutes_per_job=1e-6)
        # The control: another seed is another run, and is trained.
        project.write(grid=GRID, seeds=seeds + 1, shard_size=size)
        assert project.planned(CUBE)["train"] == -(-4 // size)


@pytest.mark.parametrize("minutes", ["soon", -1, "true"])
def test_minutes_are_a_number(clone, minutes):
    done = clone.snakemake(CUBE, dry=True, minutes_per_job=minutes)
    assert done.returncode and "--config: minutes_per_job: " in done.stdout + done.stderr
