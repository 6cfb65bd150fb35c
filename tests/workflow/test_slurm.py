"""The workflow on a real SLURM, by profiles/slurm."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time

import pytest
from made.disturbed import Disturber, Seen, watched
from made.often import often
from made.slurm import HASTY, ONE_A_JOB, hashes

pytestmark = pytest.mark.slurm

CUBE = "results/smoke/cubes/phase_diagram_dropout.zarr.zip"


@pytest.mark.parametrize(
    ("target", "cubes", "jobs"),
    often([(CUBE, 1, 4), ("figures/phase_diagram.pdf", 4, 11)], (CUBE, 1, 4)),
)
def test_the_smoke_phase_diagram_is_that_of_a_laptop(
    slurm, with_experiments, first_figure, tmp_path, target, cubes, jobs
):
    """Through the profile as it stands: content hashes of all cubes are the local run's."""
    here, there = first_figure, with_experiments(tmp_path / "there")
    there.make(target, options=HASTY)
    assert len(hashes(here)) == 4
    assert len(hashes(there)) == cubes and hashes(there).items() <= hashes(here).items()
    schedulers = [record["machine"]["scheduler"] or {} for record in there.records()]
    # Only what shows the figure runs where the controller does.
    systems = sorted(told.get("system", "none") for told in schedulers)
    local = 1 if target.startswith("figures/") else 0
    assert len(systems) >= jobs and systems == ["none"] * local + ["slurm"] * (len(systems) - local)
    assert not there.planned(target)
    # Each asked for enough at once, for itself and for what ran around it.
    for record in there.records():
        if record["machine"]["scheduler"]:
            asked, around = record["requested"], record["frame_memory_bytes"]
            used = record["peak_memory_bytes"] + around
            assert around > 2**27 and asked["attempt"] == 1
            assert 0.4 < used / (asked["mem_mb"] * 2**20) < 1
        else:
            assert record["frame_memory_bytes"] is None


# --- slow -------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("told", ["signal", "clock"])
def test_a_training_near_its_limit_repeats_no_step(slurm, project, tmp_path, told):
    """Ten trainings that take longer than their limit of two minutes leaves: each is stopped, by
    SLURM's signal 50 seconds before, or by its own clock where no signal is asked for, and goes on.
    """
    project.write(
        "long",
        training={"epochs": 350, "batch_size": 32},
        grid={"dropout": [0, 0.1, 0.2, 0.3, 0.4], "negative_slope": [0, 1]},
        shard_size=1,
    )
    warning = ["slurm_extra=\"'--signal=URG@50'\""] if told == "signal" else []
    options = (
        *HASTY, "--jobs", "10", "--default-resources", "mem_mb=2000", "runtime=10",
        *warning, "--set-resources", "train:runtime=2", "train:mem_mb=1000",
    )  # fmt: skip
    command = project.command(
        "results/smoke/cubes/long.zarr.zip", options=options, save_every=3600, **ONE_A_JOB
    )
    watch = tmp_path / "watch"
    # SLURM may give its signal a minute early; the clock waits for the last twelve seconds.
    pause = 0.1 if told == "signal" else 0.18
    done = subprocess.run(
        command, cwd=project.folder, env=watched(watch, pause=pause), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen = Seen.of(watch)
    stopped = {
        record["activity"]["wildcards"]["key"]
        for record in project.records()
        if record["status"] == "failed" and "asked to stop" in record["error"]
    }
    assert len(stopped) == 10
    assert len(seen.steps) == 10 * 700 and seen.repeated() == []


@pytest.mark.slow
def test_what_the_scheduler_is_asked(slurm, project, tmp_path, capsys):
    """Sixty jobs by the profile as it stands, six of them killed: every call is counted."""
    slopes = [0, 0.25, 0.5, 0.75, 1]
    grid = {"dropout": [0, 0.1, 0.2, 0.3, 0.4], "negative_slope": slopes}
    project.write(grid=grid, seeds=1, shard_size=1, training={"epochs": 40, "batch_size": 32})
    # Four shards more, of another depth.
    grid = {"dropout": [0, 0.1, 0.2, 0.3], "depth": [4]}
    project.write("deeper", grid=grid, shard_size=1)
    calls = tmp_path / "calls"
    calls.mkdir()
    for name in ("sbatch", "srun", "squeue", "sacct", "scontrol", "sinfo"):
        wrapper = calls / name
        real = shutil.which(name)
        wrapper.write_text(f'#!/bin/sh\ndate +%s.%N >> {calls}/{name}.told\nexec {real} "$@"\n')
        wrapper.chmod(0o755)
    watch = tmp_path / "watch"
    environment = watched(watch, pause=0.1)
    environment["PATH"] = f"{calls}:{environment['PATH']}"
    targets = [f"results/smoke/cubes/{name}.zarr.zip" for name in ("tiny", "deeper")]
    options = ("--workflow-profile", "profiles/slurm")
    with (watch / "log").open("w") as log:
        controller = subprocess.Popen(
            project.command(*targets, options=options, **ONE_A_JOB),
            cwd=project.folder, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    disturber = Disturber(slurm, watch, seed=4)
    begun, left = time.time(), ["kill", "scancel"] * 3
    while controller.poll() is None:
        time.sleep(1)
        if left and disturber.hit(left[0]):
            left.pop(0)
    minutes = (time.time() - begun) / 60
    assert controller.returncode == 0, (watch / "log").read_text()[-3000:]
    times = {
        path.stem: sorted(map(float, path.read_text().split())) for path in calls.glob("*.told")
    }
    counts = {name: len(told) for name, told in sorted(times.items())}
    jobs = 2 * 29 + 2 + len({record["activity"]["wildcards"]["key"] for record in project.records()
                             if record["activity"]["rule"] == "prepare_dataset"})  # fmt: skip
    with capsys.disabled():
        print(f"\n{jobs} jobs, {len(disturber.done)} killed, {minutes:.1f} minutes: {counts}")
    assert jobs >= 60 and len(disturber.done) == 6
    # Killed trainings that had just ended need no second job.
    assert jobs <= counts["sbatch"] <= jobs + len(disturber.done)
    assert counts["srun"] <= jobs + len(disturber.done)
    asked = times["squeue"]
    assert len(asked) <= 2 * minutes
    assert all(sum(t <= other < t + 60 for other in asked) <= 2 for t in asked)


@pytest.mark.slow
def test_the_controller_may_itself_be_a_job(slurm, project):
    """Twenty jobs from inside an allocation: none is taken for the controller's own, none hangs."""
    project.write(grid={"dropout": [0, 0.1, 0.2], "negative_slope": [0, 0.5, 1]}, shard_size=1)
    command = project.command("results/smoke/cubes/tiny.zarr.zip", options=HASTY, **ONE_A_JOB)
    done = subprocess.run(
        ["sbatch", "-W", "--mem=1500", "--time=10", "--output=controller.log",
         f"--wrap={shlex.join(command)}"],
        cwd=project.folder, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    log = (project.folder / "controller.log").read_text()
    assert done.returncode == 0, log
    records = project.records()
    assert len(records) == 20
    jobs = {record["machine"]["scheduler"]["job_id"] for record in records}
    assert len(jobs) == 20 and "(100%) done" in log


@pytest.mark.slow
def test_half_on_a_laptop_and_the_rest_on_the_cluster(slurm, project, tmp_path):
    """Copied there and back: no run is trained twice, and the cube is that of one place."""
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
