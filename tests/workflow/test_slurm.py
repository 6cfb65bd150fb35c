"""The workflow on a real SLURM, by profiles/slurm."""

from __future__ import annotations

import pytest
from made.slurm import HASTY, hashes

pytestmark = pytest.mark.slurm


def test_the_smoke_phase_diagram_is_that_of_a_laptop(slurm, with_experiments, tmp_path):
    """Through the profile as it stands: content hashes of all cubes are the local run's."""
    here, there = (with_experiments(tmp_path / name) for name in ("here", "there"))
    there.make("figures/phase_diagram.pdf", options=HASTY)
    here.make("figures/phase_diagram.pdf", verbose=False)
    assert len(hashes(here)) == 4
    assert hashes(there) == hashes(here)
    schedulers = [record["machine"]["scheduler"] or {} for record in there.records()]
    # Only what shows the figure runs where the controller does.
    systems = sorted(told.get("system", "none") for told in schedulers)
    assert len(systems) > 10 and systems == ["none"] + ["slurm"] * (len(systems) - 1)
    assert not there.planned("figures/phase_diagram.pdf")


@pytest.mark.slow
def test_half_on_a_laptop_and_the_rest_on_the_cluster(slurm, project, tmp_path):
    """Copied there and back by rsync: no run is trained twice, and the cube is that of one place."""
    cube = "results/smoke/cubes/tiny.zarr.zip"
    grid = {"dropout": [0, 0.1, 0.2], "negative_slope": [0, 1]}
    whole = project.copy(tmp_path / "whole")
    whole.write(grid=grid, shard_size=1)
    whole.make(cube, verbose=False)
    project.write(grid={**grid, "dropout": [0, 0.1]}, shard_size=1)
    project.make(cube, verbose=False)
    there = project.copy(tmp_path / "cluster")
    shutil.rmtree(there.folder / ".snakemake")
    for place in (project, there):
        place.write(grid=grid, shard_size=1)
    planned = there.planned(cube, options=HASTY, **ONE_A_JOB)
    assert planned["train"] == 2
    there.make(cube, options=HASTY, **ONE_A_JOB)
    for folder in ("results", "provenance", "store"):
        subprocess.run(
            ["rsync", "-rlu", "--exclude=index.sqlite*", f"{there.folder}/{folder}/",
             f"{project.folder}/{folder}"], check=True,
        )  # fmt: skip
    assert not project.planned(cube)
    assert hashes(project) == hashes(whole)
    trained = [
        (
            record["activity"]["wildcards"]["key"],
            (record["machine"]["scheduler"] or {}).get("system"),
        )
        for record in project.records()
        if record["activity"]["rule"] == "train"
    ]
    assert len(trained) == len({key for key, _ in trained}) == 6
    assert [system for _, system in trained].count("slurm") == 2
