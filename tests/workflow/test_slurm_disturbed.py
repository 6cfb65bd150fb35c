"""A workflow on SLURM, disturbed on purpose: nothing lost, repeated or changed."""

from __future__ import annotations

import subprocess
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from made.disturbed import Disturber, Seen, run_disturbed, spread, watched
from made.slurm import HASTY, ONE_A_JOB, hashes

pytestmark = [pytest.mark.slurm, pytest.mark.slow]

KINDS = ("scancel", "kill", "memory", "time_limit", "preemption", "node_loss")
SAVE_EVERY = 3.0
CUBE = "results/smoke/cubes/long.zarr.zip"
# Twenty-eight trainings of 300 steps, which watching makes last half a minute.
LONG = {
    "training": {"epochs": 150, "batch_size": 32},
    "grid": {"dropout": [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5], "negative_slope": [0, 0.3, 0.6, 1]},
    "shard_size": 1,
}
STEPS = 28 * 300


class Controller:
    """Starts the workflow of a project on SLURM, its processes watched."""

    def __init__(self, project, watch: Path, jobs: int, **how):
        self._project, self._log = project, watch / "controller.log"
        self._environment = watched(watch, pause=0.08, **how)
        self._options = (*HASTY, "--jobs", str(jobs))

    def start(self) -> subprocess.Popen:
        with self._log.open("a") as log:
            return subprocess.Popen(
                self._command(),
                cwd=self._project.folder, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip

    def unlock(self) -> None:
        command = self._command("--unlock")
        subprocess.run(command, cwd=self._project.folder, env=self._environment, check=True)

    def _command(self, *more: str) -> list[str]:
        options = (*self._options, *more)
        return self._project.command(CUBE, options=options, save_every=SAVE_EVERY, **ONE_A_JOB)

    def log(self) -> str:
        return self._log.read_text()[-3000:]


def test_sixty_three_disturbances_leave_no_trace(slurm, project, finished_long, tmp_path, capsys):
    """Ten of each kind and three kills of the controller, in a seeded order.

    A step is repeated where a job was killed before it had saved it: at most those of one interval
    between checkpoints, for each process that was killed, whatever else happened to it.
    """
    project.write("long", **LONG)
    watch = tmp_path / "watch"
    controller = Controller(project, watch, jobs=8)
    disturber = Disturber(slurm, watch, seed=15)
    kinds = spread({**dict.fromkeys(KINDS, 10), "controller": 3}, seed=15)
    code = run_disturbed(controller.start, controller.unlock, disturber, kinds, limit=2700)
    assert code == 0, controller.log()
    assert hashes(project) == finished_long
    seen = Seen.of(watch)
    done = Counter(kind for kind, _, _ in disturber.done)
    repeated = seen.repeated()
    with capsys.disabled():
        print(f"\n{sum(done.values())} disturbances: {dict(done)}")
        print(f"{len(seen.steps)} optimiser steps, {len(seen.steps) - STEPS} of them repeated:")
        for shard, process, steps, seconds in repeated:
            print(f"  {shard} in {process}: {steps} steps again, {seconds:.2f} s of work")
    assert done == {**dict.fromkeys(KINDS, 10), "controller": 3}
    assert len(seen.steps) - STEPS == sum(steps for *_, steps, _ in repeated)
    assert len(repeated) <= sum(done.values())
    # A save that was under way when the job was killed may have taken a moment.
    assert all(seconds <= SAVE_EVERY + 1 for *_, seconds in repeated)
    assert seen.at_once() == []


def test_without_the_lease_two_jobs_meet(slurm, project, tmp_path):
    """The control: a node that SLURM takes for lost runs on, and its jobs begin again elsewhere."""
    longer = {"grid": {"dropout": [0, 0.1]}, "training": {"epochs": 500, "batch_size": 32}}
    project.write("long", **LONG | longer)
    watch = tmp_path / "watch"
    controller = Controller(project, watch, jobs=2, lease=False)
    disturber = Disturber(slurm, watch, seed=1, crash=0.0, away=40.0)
    run_disturbed(controller.start, controller.unlock, disturber, ["node_loss"], limit=300)
    assert Seen.of(watch).at_once()


@pytest.fixture
def finished_long(tmp_path_factory, project) -> dict[str, str]:
    """Hashes of the cube as a laptop makes it."""
    made = project.copy(tmp_path_factory.mktemp("finished") / "project")
    made.write("long", **LONG)
    made.make(CUBE, verbose=False)
    return hashes(made)


def test_what_is_seen_can_be_wrong(tmp_path):
    """The eyes: repeated steps and two at one result are found where there are some."""
    told = tmp_path / "told"
    told.mkdir()
    lines: dict[str, list[str]] = defaultdict(list)
    lines["1-10"] = ["10\tbegin\ta", "11\tstep\tk\t0\t1", "12\tstep\tk\t0\t2"]
    lines["2-20"] = ["11.5\tbegin\ta", "13\tstep\tk\t0\t2", "14\tstep\tk\t0\t3", "15\tend\ta"]
    for name, text in lines.items():
        (told / name).write_text("\n".join(text) + "\n")
    seen = Seen.of(tmp_path)
    assert seen.repeated() == [("k", "2-20", 1, 1.0)]
    assert seen.at_once() == [("a", "1-10", "2-20")]
