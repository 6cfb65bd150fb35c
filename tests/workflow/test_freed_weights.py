"""Freed weights in the workflow: nothing runs again, and what needs them makes them again."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from layeratlas.provenance.store.verify import verify
from layeratlas.provenance.store.weights import free_weights

MAP = "figures/maps/tiny/data_separation.pdf"


@pytest.mark.slow
def test_nothing_runs_again_until_another_metric_is_asked_for(finished):
    shards = finished.folder / "results/smoke/shards/tiny"
    (archive,) = shards.glob("*.zarr.zip")
    digest = json.loads(archive.with_name(f"{archive.name[:16]}.json").read_text())["digest"]
    assert len(free_weights(finished.folder, apply=True)) == 1
    done = finished.snakemake(MAP, dry=True)
    assert "Nothing to be done" in done.stdout + done.stderr
    assert "trained again" not in done.stderr
    # Nor for a smaller grid: what was finished is known by what stays of it.
    finished.write(grid={"dropout": [0], "negative_slope": [0, 1]})
    cube = "results/smoke/cubes/tiny.zarr.zip"
    assert finished.planned(cube) == Counter(assemble_cube=1)
    # Another reader of the networks: planned before anything runs, and to the same bits.
    finished.write(measure={"metrics": ["data_separation", "data_separation_pseudoinverse"]})
    planned = finished.planned(cube)
    assert (planned["train"], planned["measure"]) == (1, 1)
    finished.make(cube, verbose=False)
    assert archive.exists()
    assert (
        json.loads(archive.with_name(f"{archive.name[:16]}.json").read_text())["digest"] == digest
    )
    statuses = verify(root=finished.folder).set_index("path")["status"]
    assert statuses[archive.relative_to(finished.folder).as_posix()] == "ok"
    assert "freed" not in set(statuses)


@pytest.mark.slow
def test_another_experiment_on_the_same_networks_has_them_trained_and_no_old_one_measured(finished):
    """The plan tells it before anything runs."""
    (archive,) = (finished.folder / "results/smoke/shards/tiny").glob("*.zarr.zip")
    before = archive.read_bytes()
    assert len(free_weights(finished.folder, apply=True)) == 1
    measure = {"networks": "tiny", "metrics": ["data_separation"], "views": {"v": {"images": 16}}}
    finished.write("other", measure=measure)
    cube = "results/smoke/cubes/other.zarr.zip"
    done = finished.snakemake(cube, dry=True)
    assert "Note: 1 shards are trained again: what is asked for reads their weights" in done.stderr
    targets = (MAP, cube)
    assert finished.planned(*targets) == Counter(train=1, measure=1, assemble_cube=1)
    finished.make(*targets, verbose=False)
    assert archive.read_bytes() == before
    assert not finished.planned(*targets)
    done = finished.snakemake(*targets, dry=True)
    assert "trained again" not in done.stderr
