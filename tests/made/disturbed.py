"""What goes wrong on clusters, done on purpose, and what jobs did meanwhile, seen from outside.

`watched(folder)` is an environment in which every process of the workflow tells, through
`sitecustomize.py` and one file a process, of each optimiser step, and of when it began and ended to
work on a result. Nothing in the product knows of it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from made.slurm import Slurm

_WATCH = '''
"""Watches Layer Atlas: see tests/made/disturbed.py."""
import importlib.machinery, os, sys, time

FOLDER, PAUSE = os.environ["WATCH_FOLDER"], float(os.environ.get("WATCH_PAUSE", 0))
JOB = os.environ.get("SLURM_JOB_ID", "0")
_file = None


def tell(*what):
    global _file
    if _file is None:
        name = os.path.join(FOLDER, "told", f"{JOB}-{os.getpid()}")
        _file = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(_file, ("\\t".join(map(str, (time.time(), *what))) + "\\n").encode())


class Told:
    """An optimiser that tells of each step, sleeps, and eats memory when it is asked to."""

    def __init__(self, optimizer, key, members):
        self._optimizer, self._key = optimizer, key
        self._members = ".".join(map(str, members))

    def __getattr__(self, name):
        return getattr(self._optimizer, name)

    def step(self, theta, gradient, step):
        self._optimizer.step(theta, gradient, step)
        tell("step", self._key, self._members, step)
        time.sleep(PAUSE)
        if os.path.exists(os.path.join(FOLDER, "hog", JOB)):
            # Once: a scheduler may give a job that it queues again the same id.
            os.unlink(os.path.join(FOLDER, "hog", JOB))
            self._eaten = bytearray(os.urandom(1 << 20)) * 6000
            time.sleep(20)


def watch_loop(module):
    begin = module._Stepper.__init__

    def init(self, plan, family, start, backend, source, targets, slot):
        begin(self, plan, family, start, backend, source, targets, slot)
        self._optimizer = Told(self._optimizer, plan.key, slot.members)

    module._Stepper.__init__ = init


def watch_frame(module):
    from contextlib import contextmanager, nullcontext

    lease = module.lease

    @contextmanager
    def told(result, say):
        held = nullcontext(False) if os.environ.get("WATCH_NO_LEASE") else lease(result, say)
        with held as waited:
            tell("begin", result)
            try:
                yield waited
            finally:
                tell("end", result)

    module.lease = told


WATCHED = {"layeratlas.engine.loop": watch_loop, "layeratlas.workflow.frame": watch_frame}


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in WATCHED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            WATCHED[name](module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder)
'''


def watched(folder: Path, pause: float = 0.0, lease: bool = True) -> dict[str, str]:
    """The environment; `pause` are seconds that every step takes longer, without `lease` jobs do
    not take turns."""
    for name in ("told", "hog", "hook"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "hook" / "sitecustomize.py").write_text(_WATCH, encoding="utf-8")
    environment = dict(os.environ)
    environment |= {
        "WATCH_FOLDER": str(folder),
        "WATCH_PAUSE": str(pause),
        "PYTHONPATH": os.pathsep.join([str(folder / "hook"), os.environ.get("PYTHONPATH", "")]),
    }
    if not lease:
        environment["WATCH_NO_LEASE"] = "1"
    return environment


@dataclass
class Seen:
    """What processes told.

    `steps`: (time, process, shard, members, step) in order; `work`: result → (begin, end, process),
    the end being the last sign of life of one that was killed.
    """

    steps: list[tuple[float, str, str, str, int]] = field(default_factory=list)
    work: dict[str, list[tuple[float, float, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @classmethod
    def of(cls, folder: Path) -> Seen:
        seen = cls()
        for path in sorted((folder / "told").iterdir()):
            begun: dict[str, float] = {}
            last = 0.0
            for line in path.read_text(encoding="utf-8").splitlines():
                when, what, *rest = line.split("\t")
                last = float(when)
                if what == "step":
                    seen.steps.append((last, path.name, rest[0], rest[1], int(rest[2])))
                elif what == "begin":
                    begun[rest[0]] = last
                else:
                    seen.work[rest[0]].append((begun.pop(rest[0]), last, path.name))
            for result, begin in begun.items():
                seen.work[result].append((begin, last, path.name))
        seen.steps.sort()
        return seen

    def repeated(self) -> list[tuple[str, str, int, float]]:
        """(shard, process, steps, seconds) of each process that did steps over again: how many,
        and how long they had taken when they were done last."""
        took: dict[tuple[str, str, int], float] = {}
        before: dict[str, float] = {}
        again: dict[tuple[str, str], list[float]] = defaultdict(list)
        for when, process, shard, members, step in self.steps:
            at = (shard, members, step)
            if at in took:
                again[shard, process].append(took[at])
            took[at] = when - before.get(process, when)
            before[process] = when
        return [(*where, len(times), sum(times)) for where, times in again.items()]

    def at_once(self) -> list[tuple[str, str, str]]:
        """(result, process, process) that worked on one result at the same time."""
        found = []
        for result, spans in self.work.items():
            spans = sorted(spans)
            for i, (_, end, first) in enumerate(spans):
                found += [
                    (result, first, other) for begin, _, other in spans[i + 1 :] if begin < end
                ]
        return found


class Disturber:
    """Hits training jobs of a running workflow, one after the other, in a seeded order."""

    def __init__(self, cluster: Slurm, folder: Path, seed: int, crash: float = 0.5,
                 away: float = 9.0):  # fmt: skip
        self.cluster, self.folder, self.crash, self.away = cluster, folder, crash, away
        self.random = random.Random(seed)
        self.done: list[tuple[str, str, float]] = []
        self._hits: dict[str, int] = defaultdict(int)

    def hit(self, kind: str) -> bool:
        """One disturbance of this kind; False while there is no job for it."""
        job = self._victim()
        if job is None:
            return False
        target = f"{job} {self.cluster.jobs()[job]['comment']}"
        if getattr(self, f"_{kind}")(job):
            self.done.append((kind, target, time.time()))
            return True
        return False

    def _victim(self) -> str | None:
        """A training that is under way, of those that were hit least."""
        running = {
            job: told
            for job, told in self.cluster.jobs("RUNNING").items()
            if told["comment"].startswith("rule_train") and self._stepping(job)
        }
        if not running:
            return None
        least = min(self._hits[told["comment"]] for told in running.values())
        chosen = [job for job, told in running.items() if self._hits[told["comment"]] == least]
        # A shard may fail as often as the profile tries again.
        if least >= 3:
            return None
        job = self.random.choice(sorted(chosen, key=int))
        self._hits[running[job]["comment"]] += 1
        return job

    def _stepping(self, job: str) -> bool:
        """Whether a job has taken a step within a second, some of them since it was last hit."""
        for path in (self.folder / "told").glob(f"{job}-*"):
            if time.time() - path.stat().st_mtime < 1:
                lines = path.read_text(encoding="utf-8").splitlines()
                return sum("\tstep\t" in line for line in lines) > 5
        return False

    # --- the kinds ------------------------------------------------------------------------------
    def _scancel(self, job: str) -> bool:
        self.cluster.ask("scancel", job)
        return True

    def _kill(self, job: str) -> bool:
        pid = self._script(job)
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        return True

    def _memory(self, job: str) -> bool:
        (self.folder / "hog" / job).touch()
        return True

    def _time_limit(self, job: str) -> bool:
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + 2))
        self.cluster.ask("scontrol", "update", f"JobId={job}", f"EndTime={now}")
        return True

    def _preemption(self, job: str) -> bool:
        node = self.cluster.jobs()[job]["node"]
        self.cluster.ask(
            "sbatch", "--partition=urgent", "--exclusive", f"--nodelist={node}", "--mem=100",
            "--output=/dev/null", "--job-name=urgent", "--wrap=sleep 1",
        )  # fmt: skip
        return True

    def _node_loss(self, job: str) -> bool:
        """Half of them (`crash`) die with all that runs there; others run on, and nobody hears."""
        node = self.cluster.jobs()[job]["node"]
        crash = self.random.random() < self.crash
        jobs = [i for i, told in self.cluster.jobs("RUNNING").items() if told["node"] == node]
        for pid in self.cluster.processes("slurmd", node):
            os.kill(pid, signal.SIGKILL)
        if crash:
            for pid in (p for i in jobs for p in self.cluster.children_of_job(i)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        # Longer than SlurmdTimeout: the scheduler has given it up, and its jobs begin elsewhere.
        time.sleep(self.away)
        self.cluster.start_node(node)
        self.cluster.wait_for_nodes()
        return True

    def _script(self, job: str) -> int | None:
        for path in (self.folder / "told").glob(f"{job}-*"):
            pid = int(path.name.partition("-")[2])
            if Path(f"/proc/{pid}").exists():
                return pid
        return None


def run_disturbed(
    start: Callable[[], subprocess.Popen],
    unlock: Callable[[], None],
    disturber: Disturber,
    kinds: Iterable[str],
    *,
    pause: float = 1.0,
    limit: float = 1800.0,
    say: Callable[[str], None] = print,
) -> int:
    """Run a controller, disturbing its jobs by `kinds` in order, `controller` among them; returns
    how it ended. A controller that was killed is started again."""
    left, controller, begun = list(kinds), start(), time.monotonic()
    while controller.poll() is None and time.monotonic() - begun < limit:
        time.sleep(pause)
        if not left:
            continue
        if left[0] == "controller":
            if not disturber.cluster.jobs("RUNNING"):
                continue
            controller.kill()
            controller.wait()
            disturber.done.append((left.pop(0), "", time.time()))
            unlock()
            controller = start()
        elif disturber.hit(left[0]):
            say(f"{time.monotonic() - begun:6.0f} s  {left[0]}: {disturber.done[-1][1]}")
            left.pop(0)
    if controller.poll() is None:
        controller.terminate()
        controller.wait(120)
    if left:
        say(f"not done: {left}")
    return controller.returncode


def spread(kinds: Mapping[str, int], seed: int) -> list[str]:
    """So many of each kind, in a seeded order."""
    order = [kind for kind, number in kinds.items() for _ in range(number)]
    random.Random(seed).shuffle(order)
    return order
