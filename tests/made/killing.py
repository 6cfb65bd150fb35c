"""Jobs killed at random moments: `python killing.py JOBS KILLS SEED`, in the project's folder.

JOBS is a folder of pickled `snakemake` objects, each job's under its own name, in the order in
which they build on each other. Each is run once undisturbed; then it is killed, KILLS times in all
for each rule, by SIGKILL to its process group at moments drawn from SEED, now over its finished
results, now without them; and then it is left to end. At every moment an output must be whole, as
the undisturbed run left it, or absent. Prints JSON: rule → kills, runs that ended before, kills
that left a temporary.

A process of its own: its children are forked, which is safe only where no threads were started.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import runpy
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from layeratlas.runs.threads import limit_threads
from layeratlas.workflow.receipts import receipt_path

# Made from records too, of which every run leaves one more: whole is all that it can be.
RECORDED = ".crate.zip"


def content(path: Path) -> str | None:
    """What stands at a path; None for nothing."""
    if path.is_dir():
        parts = sorted(p for p in path.rglob("*") if p.is_file() and p.name[0] != ".")
        told = "".join(f"{part.relative_to(path)} {content(part)}\n" for part in parts)
        return hashlib.sha256(told.encode()).hexdigest()
    if not path.exists():
        return None
    if path.name.endswith(RECORDED):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            return "whole"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def temporaries(*folders: Path) -> list[Path]:
    """All that has the name of a temporary, and states of training."""
    return [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.name.endswith((".tmp", ".state.npz", ".state.weights"))
        and ".snakemake" not in path.parts
    ]


def left_behind() -> set[Path]:
    return set(temporaries(Path(), Path(tempfile.gettempdir())))


def start(job: Any) -> int:
    """The job's script in a child of its own process group, as Snakemake would run it."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setpgid(0, 0)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            script = Path("scripts") / f"{job.rule}.py"
            runpy.run_path(str(script), {"snakemake": job}, "__main__")
            code = 0
        finally:
            os._exit(code)
    return pid


def finish(job: Any) -> float:
    """Run to the end; returns how long it took."""
    began = time.monotonic()
    assert os.waitstatus_to_exitcode(os.waitpid(start(job), 0)[1]) == 0, job.rule
    return time.monotonic() - began


def kill(job: Any, delay: float) -> bool:
    """Kill the job after `delay` seconds; False if it had ended."""
    pid = start(job)
    time.sleep(delay)
    done, status = os.waitpid(pid, os.WNOHANG)
    if not done:
        os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), job.rule
    return code != 0


def remove(job: Any) -> None:
    """As if the job had never run."""
    for path in map(Path, job.output):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    receipt_path("smoke", job.rule, dict(job.wildcards.items())).unlink(missing_ok=True)


def try_job(job: Any, kills: int, dice: random.Random, told: dict[str, int]) -> None:
    outputs = [Path(path) for path in job.output]
    # In this process: what is loaded and compiled, children inherit; kills hit the work itself.
    runpy.run_path(f"scripts/{job.rule}.py", {"snakemake": job}, "__main__")
    remove(job)
    duration = finish(job)
    whole = {path: content(path) for path in outputs}
    assert None not in whole.values()
    tries = 0
    while kills and (tries := tries + 1) < 500:
        if dice.random() < 0.5:
            remove(job)
        stood, before = {path: content(path) for path in outputs}, left_behind()
        killed = kill(job, dice.uniform(0, duration))
        kills -= killed
        told["kills" if killed else "ended"] += 1
        told["left"] += killed and bool(left_behind() - before)
        duration *= 1.05 if killed else 0.9
        for path in outputs:
            # What a job replaces stays until the new one stands.
            assert content(path) in (stood[path], whole[path]), path
    finish(job)
    assert {path: content(path) for path in outputs} == whole


def main(folder: Path, kills: int, seed: int) -> None:
    jobs = [pickle.loads(path.read_bytes()) for path in sorted(folder.glob("*.pickle"))]
    rules = [job.rule for job in jobs]
    told: dict[str, dict[str, int]] = defaultdict(lambda: {"kills": 0, "ended": 0, "left": 0})
    dice = random.Random(seed)
    for i, job in enumerate(jobs):
        # A rule's kills are spread over its jobs.
        before, among = rules[:i].count(job.rule), rules.count(job.rule)
        share = kills * (before + 1) // among - kills * before // among
        try_job(job, share, dice, told[job.rule])
    print(json.dumps(told))


if __name__ == "__main__":
    limit_threads()
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
