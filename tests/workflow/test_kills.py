"""Killed jobs: readers never see a part, and the next job goes on to the same numbers.

The scripts run as they are, in forked children that die by SIGKILL at random moments.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layeratlas.engine import checkpoint
from layeratlas.engine.kept import KeptInFile
from layeratlas.errors import StoreError
from layeratlas.storage import content_hash, open_datatree, read_manifest, verify

# Slow: they fork, which is safe only in a process that has not started threads (run them alone).
pytestmark = pytest.mark.slow


KILLS = 30
EPOCHS = 30


def _child(work: Callable[[], None]) -> int:
    """Start `work` in a child of its own process group; returns its pid."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setpgid(0, 0)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def _ended(pid: int) -> int | None:
    """Exit status of the child, negative for a signal; None while it runs."""
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def _finish(work: Callable[[], None]) -> float:
    """Run to the end in a child; returns how long it took."""
    start = time.monotonic()
    pid = _child(work)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return time.monotonic() - start


def _kill_once(work: Callable[[], None], delay: float, look: Callable[[], None]) -> bool:
    """Kill a child after `delay` seconds, reading all the while; False if it was done before."""
    pid = _child(work)
    deadline = time.monotonic() + delay
    while (left := deadline - time.monotonic()) > 0 and (status := _ended(pid)) is None:
        look()
        time.sleep(min(0.002, max(left, 0)))
    if (status := _ended(pid) if left <= 0 else status) is None:
        os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    look()
    assert status in (0, -signal.SIGKILL)
    return status != 0


def _content(path: Path) -> str | None:
    """What a reader sees: nothing, or a whole file."""
    try:
        with open_datatree(path) as tree:
            return content_hash(tree).root
    except StoreError:
        assert not path.exists() or open_datatree(path), path
        return None


def _leftovers() -> list[Path]:
    return [path for path in Path("results").rglob("*") if path.name.endswith(".tmp")]


@pytest.fixture
def trained(inside):
    """Two shards of the tiny experiment with their data prepared; returns project and plans."""
    inside.write(training={"epochs": EPOCHS, "batch_size": 32, "early_stop": None}, shard_size=2)
    atlas = inside.atlas()
    inside.script("prepare_dataset.py", inside.prepare_job(atlas, atlas.shards("tiny")[0]))
    return inside, atlas


def test_thirty_killed_trainings_leave_the_numbers_of_an_undisturbed_one(trained):
    project, atlas = trained
    plan = atlas.shards("tiny")[0]
    job = project.train_job(atlas, plan, save_every=1e-9)
    work = lambda: project.script("train.py", job)  # noqa: E731
    shard, state = Path(job.output.shard), Path(job.output.shard).with_name(f"{plan.key}.state.npz")
    work()  # in this process: compiled kernels are loaded, children inherit them
    undisturbed = read_manifest(shard).content_hash
    shard.unlink()
    duration = _finish(work)
    assert _content(shard) == undisturbed

    looks = 0

    def look():
        nonlocal looks
        looks += 1
        assert _content(shard) in (None, undisturbed)
        try:
            content = state.read_bytes()
        except FileNotFoundError:
            return
        with np.load(io.BytesIO(content)) as arrays:
            assert int(arrays["slot/clock"][0]) <= EPOCHS if "slot/clock" in arrays else True

    dice, kills, resumed, completed = random.Random(1), 0, 0, 0
    while kills < KILLS:
        # Snakemake takes the outputs of a finished job away before it runs the job again.
        for path in (shard, Path(job.output.manifest)):
            path.unlink(missing_ok=True)
        resumed += state.exists()
        killed = _kill_once(work, dice.uniform(0, duration), look)
        kills += killed
        completed += not killed
        # A resumed job is a shorter one: aim where it still runs.
        duration *= 1.1 if killed else 0.85
        # A kill between publishing and tidying up leaves a whole shard.
        assert _content(shard) in (None, undisturbed)
    _finish(work)
    assert read_manifest(shard).content_hash == _content(shard) == undisturbed
    assert not state.exists() and not _leftovers()
    assert resumed and looks > KILLS
    print(f"train: {kills} kills, {resumed} resumed, {completed} completed, {looks} reads")


RECORDS = [
    {"epoch": 0}, {"every": 1.3, "unit": "step", "start": 3}, {"step": 7, "label": "seventh"},
    {"loss_below": 2.2, "times": 2}, {"loss_below": 1e-9, "label": "never"}, "final",
]  # fmt: skip


def test_thirty_kills_around_record_points_leave_the_content_of_an_undisturbed_job(
    inside, monkeypatch
):
    """Before a row of weights is written, in the middle of it, and right after it."""
    training = {"epochs": 6, "batch_size": 32, "early_stop": None}
    inside.write(training=training, shard_size=2, records=RECORDS)
    atlas = inside.atlas()
    plan = atlas.shards("tiny")[0]
    inside.script("prepare_dataset.py", inside.prepare_job(atlas, plan))
    job = inside.train_job(atlas, plan, save_every=1e-9)
    work = lambda: inside.script("train.py", job)  # noqa: E731
    shard = Path(job.output.shard)
    work()
    undisturbed = read_manifest(shard).content_hash
    with open_datatree(shard) as tree:
        assert {"epoch 0", "seventh", "never", "final"} <= set(tree["label"].values.tolist())
        assert set(tree["reached"].values.ravel().tolist()) == {0.0, 1.0}
    write, dice, kills, completed = KeptInFile._write, random.Random(4), 0, 0
    while kills < KILLS:
        for path in (shard, Path(job.output.manifest)):
            path.unlink(missing_ok=True)
        nth, part, calls = dice.randrange(1, 30), dice.choice((0, 0.5, 1)), itertools.count(1)

        def fatal(self, content, at, nth=nth, part=part, calls=calls):
            if next(calls) != nth:
                return write(self, content, at)
            write(self, content[: int(part * len(content))], at)
            os.kill(os.getpid(), signal.SIGKILL)

        with monkeypatch.context() as patch:
            patch.setattr(KeptInFile, "_write", fatal)
            pid = _child(work)
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert ended in (0, -signal.SIGKILL)
        kills += ended != 0
        completed += ended == 0
        assert _content(shard) == (None if ended else undisturbed)
    _finish(work)
    assert _content(shard) == read_manifest(shard).content_hash == undisturbed
    assert not list(shard.parent.glob("*.state.*")) and not _leftovers()
    assert completed
    print(f"records: {kills} kills, {completed} completed")


def test_thirty_killed_assemblies_never_show_a_part_of_a_cube(trained):
    project, atlas = trained
    for plan in atlas.shards("tiny"):
        project.script("train.py", project.train_job(atlas, plan))
        project.script("measure.py", project.measure_job(atlas, plan))
    cube = Path("results/smoke/cubes/tiny.zarr.zip")
    plans = []
    for version in range(2):
        plan = json.loads(atlas.cube_plan("tiny"))
        plan["description"]["title"] = f"Version {version}"
        plans.append(json.dumps(plan))
    jobs = [project.assemble_job(atlas, plan) for plan in plans]
    works = [lambda job=job: project.script("assemble_cube.py", job) for job in jobs]
    whole, durations = [], []
    for work in works:
        work()
        whole.append(read_manifest(cube).content_hash)
        durations.append(_finish(work))
    assert len(set(whole)) == 2

    looks = 0

    def look():
        nonlocal looks
        looks += 1
        assert _content(cube) in whole  # never missing: the old one stays until the new one is
        assert read_manifest(cube).content_hash in whole

    dice, kills, turn = random.Random(2), 0, 0
    while kills < KILLS:
        turn += 1
        kills += _kill_once(works[turn % 2], dice.uniform(0, min(durations)), look)
    for work, expected in zip(works, whole, strict=True):
        _finish(work)
        assert _content(cube) == read_manifest(cube).content_hash == expected
        assert not verify(cube)
    assert not _leftovers()
    print(f"assemble: {kills} kills of {turn}, {looks} reads")


# --- resuming -------------------------------------------------------------------------------------
def _clocks(monkeypatch) -> list[int]:
    """Epochs at which states were saved from now on."""
    clocks, save = [], checkpoint.save

    def watched(path, identity, arrays):
        clocks.append(int(arrays["slot/clock"][0]) if "slot/clock" in arrays else EPOCHS)
        save(path, identity, arrays)

    monkeypatch.setattr(checkpoint, "save", watched)
    return clocks


@pytest.fixture
def half_trained(trained, monkeypatch):
    """A shard whose job was killed right after saving its twelfth epoch."""
    project, atlas = trained
    plan = atlas.shards("tiny")[0]
    job = project.train_job(atlas, plan, save_every=1e-9)
    project.script("train.py", job)
    shard = Path(job.output.shard)
    undisturbed = read_manifest(shard).content_hash
    shard.unlink()
    save = checkpoint.save

    def fatal(path, identity, arrays):
        save(path, identity, arrays)
        if int(arrays["slot/clock"][0]) == 12:
            os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", fatal)
        pid = _child(lambda: project.script("train.py", job))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    return project, job, shard.with_name(f"{plan.key}.state.npz"), undisturbed


def test_a_killed_shard_goes_on_from_its_last_checkpoint(half_trained, monkeypatch):
    project, job, state, undisturbed = half_trained
    assert state.exists() and not Path(job.output.shard).exists()
    clocks = _clocks(monkeypatch)
    project.script("train.py", job)
    assert clocks[0] == 13 and len(clocks) in (EPOCHS - 12, EPOCHS - 13)
    assert _content(Path(job.output.shard)) == undisturbed
    assert not state.exists()


@pytest.mark.parametrize("damage", ["empty", "junk", "half", "bit", "foreign", "folder"])
def test_a_damaged_or_foreign_state_is_no_state(half_trained, monkeypatch, damage):
    project, job, state, undisturbed = half_trained
    content = state.read_bytes()
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    state.unlink()
    if damage == "folder":
        state.mkdir()
        with pytest.raises(SystemExit, match=r"train: could not write .*state\.npz"):
            project.script("train.py", job)
        return
    if damage == "foreign":
        # The same arrays under other code.
        with np.load(io.BytesIO(content)) as file:
            arrays = {name: file[name] for name in file.files if name != "identity"}
            checkpoint.save(state, f"{file['identity']} of other code", arrays)
    else:
        damaged = {"empty": b"", "junk": b"no state", "half": content[: len(content) // 2]}
        state.write_bytes(damaged.get(damage, bytes(flipped)))
    clocks = _clocks(monkeypatch)
    project.script("train.py", job)
    assert clocks[0] == 1
    assert _content(Path(job.output.shard)) == undisturbed


# --- Snakemake itself -----------------------------------------------------------------------------
@pytest.mark.slow
def test_killed_snakemake_goes_on_after_unlocking(project, finished_once, tmp_path):
    """SIGKILL to all of it, three times; then what the document tells a user to do."""
    target = "figures/maps/tiny/data_separation.pdf"
    expected = read_manifest(finished_once.folder / "results/smoke/cubes/tiny.zarr.zip")
    dice, kills = random.Random(3), 0
    cube = project.folder / "results/smoke/cubes/tiny.zarr.zip"
    for shortest in (4, 6, 9):
        # Its own session, so that its jobs die with it and nothing else does.
        with subprocess.Popen(
            project.command(target),
            cwd=project.folder,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            deadline = time.monotonic() + shortest + dice.uniform(0, 2)
            while time.monotonic() < deadline and process.poll() is None:
                assert _content(cube) in (None, expected.content_hash)
                time.sleep(0.05)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
        locked = project.snakemake(target)
        if locked.returncode != 0:
            assert "cannot be locked" in locked.stdout + locked.stderr
            unlock = [project.command()[0], "--unlock"]
            subprocess.run(unlock, cwd=project.folder, check=True, capture_output=True)
            if shortest != 9:
                continue
        project.make(target)
    assert kills
    assert _content(cube) == expected.content_hash
    assert "Nothing to be done" in project.make(target)
    shutil.rmtree(project.folder)
