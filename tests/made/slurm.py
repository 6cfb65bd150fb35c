"""A SLURM of three nodes on this machine, for as long as the tests that ask for it.

Three `slurmd -N` that claim four CPUs each, accounting of memory by polling with
`OverMemoryKill`, a partition `cpu` whose jobs those of `urgent` preempt, and requeueing. The
plugin's job steps drop SLURM_CONF, so that configuration must stand in /etc/slurm: tests are
skipped where one stands already, without root, or where the programs are not installed
(`sh envs/slurm.sh` installs Debian's).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

NODES = ("n1", "n2", "n3")
CONFIGURED = Path("/etc/slurm")
MUNGE = Path("/run/munge")
# Jobs of a test are over in seconds; the profile's 40 between queries are for those of minutes.
HASTY = (
    "--workflow-profile", "profiles/slurm",
    "--slurm-init-seconds-before-status-checks", "3", "--seconds-between-status-checks", "3",
    "--latency-wait", "20", "--max-jobs-per-timespan", "20/1s",
)  # fmt: skip
# Many small jobs, as their experiments say, where the profile would make one of half an hour.
ONE_A_JOB = {"minutes_per_job": "null"}
_PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "scancel", "scontrol")
_OURS = "# Of the tests of Layer Atlas, in "
_CONF = """\
ClusterName=tiny
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,bf_interval=2,batch_sched_delay=0,requeue_delay=1
SlurmdParameters=config_overrides
SlurmdTimeout=5
MpiDefault=none
ReturnToService=2
MinJobAge=3600
KillWait=5
OverTimeLimit=0
MailProg=/bin/true
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=gpu
NodeName=n[1-3] NodeHostname={host} NodeAddr=127.0.0.1 Port=[17001-17003] CPUs=4 RealMemory=8000 Gres=gpu:fake:1 State=UNKNOWN
PartitionName=cpu Nodes=n[1-3] Default=YES MaxTime=60 State=UP PriorityTier=1 PreemptMode=REQUEUE
PartitionName=urgent Nodes=n[1-3] MaxTime=60 State=UP PriorityTier=10 PreemptMode=OFF
"""  # noqa: E501


class Slurm:
    """The running cluster; its state lies in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder

    @staticmethod
    def unfit() -> str | None:
        """Why there can be none here."""
        missing = [name for name in _PROGRAMS if _program(name) is None]
        if missing:
            return f"SLURM is not installed: no {', '.join(missing)}"
        if os.geteuid() != 0:
            return "a SLURM for tests needs root"
        conf = CONFIGURED / "slurm.conf"
        if conf.exists() and not conf.read_text(encoding="utf-8").startswith(_OURS):
            return f"this machine has a SLURM of its own: {CONFIGURED}/slurm.conf"
        return None

    @staticmethod
    def clear() -> None:
        """End what tests that were killed have left running; nobody else holds the lock."""
        conf = CONFIGURED / "slurm.conf"
        if conf.exists():
            first = conf.read_text(encoding="utf-8").partition("\n")[0]
            Slurm(Path(first.removeprefix(_OURS))).stop()

    def start(self) -> None:
        for name in ("state", "log", "dev", *(f"spool.{node}" for node in NODES)):
            (self.folder / name).mkdir(parents=True)
        host = socket.gethostname().partition(".")[0]
        with suppress(OSError):
            # Else slurmctld does not know on which host it runs.
            if host not in Path("/etc/hosts").read_text(encoding="utf-8").split():
                with Path("/etc/hosts").open("a", encoding="utf-8") as hosts:
                    hosts.write(f"127.0.0.1 {host}\n")
        # A clone of /dev/null: SLURM wants character devices for what it hands out as GPUs.
        lines = []
        for i, node in enumerate(NODES):
            device = self.folder / "dev" / f"nvidia{i}"
            _run("mknod", str(device), "c", "1", "3")
            lines.append(f"NodeName={node} Name=gpu Type=fake File={device}\n")
        CONFIGURED.mkdir(exist_ok=True)
        conf = f"{_OURS}{self.folder}\n" + _CONF.format(host=host, folder=self.folder)
        (CONFIGURED / "slurm.conf").write_text(conf, encoding="utf-8")
        (CONFIGURED / "gres.conf").write_text("".join(lines), encoding="utf-8")
        (CONFIGURED / "cgroup.conf").write_text("CgroupAutomount=no\n", encoding="utf-8")
        _run("install", "-d", "-o", "munge", "-g", "munge", "-m", "755", str(MUNGE))
        _run("runuser", "-u", "munge", "--", _program("munged"))
        _run(_program("slurmctld"), "-c")
        for node in NODES:
            self.start_node(node)
        self.wait_for_nodes()

    def start_node(self, node: str) -> None:
        _run(_program("slurmd"), "-N", node)

    def wait_for_nodes(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            states = self.ask("sinfo", "-h", "-N", "-o", "%N %T", check=False).split()
            up = {
                node
                for node, state in zip(states[::2], states[1::2], strict=True)
                if state in ("idle", "mixed", "allocated", "completing")
            }
            if up == {*NODES}:
                return
            # A node that was lost stays down until somebody says so.
            for node in {*NODES} - up:
                self.ask("scontrol", "update", f"NodeName={node}", "State=RESUME", check=False)
            time.sleep(0.5)
        raise TimeoutError(f"nodes did not come up: {states}")

    def stop(self) -> None:
        self.ask("scancel", "--user=root", check=False)
        pid_files = [self.folder / "slurmctld.pid"]
        pid_files += [self.folder / f"slurmd.{node}.pid" for node in NODES]
        pid_files.append(MUNGE / "munged.pid")
        time.sleep(1)
        # What jobs are left, with their keepers, before those who would mourn them.
        for pid in self.processes("slurmstepd"):
            _kill(pid, signal.SIGKILL)
        for path in pid_files:
            if (pid := _pid_in(path)) is not None:
                _end(pid)
        for name in ("slurm.conf", "gres.conf", "cgroup.conf"):
            (CONFIGURED / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def ask(*command: str, check: bool = True) -> str:
        """What a command of SLURM prints."""
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def jobs(self, states: str = "all") -> dict[str, dict[str, str]]:
        """Id → state, node, comment (rule and wildcards) of jobs."""
        told = self.ask("squeue", "-h", f"--states={states}", "-o", "%i|%T|%N|%k|%P", check=False)
        rows = [line.split("|") for line in told.splitlines() if line.count("|") == 4]
        return {
            row[0]: dict(zip(("state", "node", "comment", "partition"), row[1:], strict=True))
            for row in rows
        }

    def processes(self, name: str, node: str | None = None) -> list[int]:
        """Pids of `slurmd` and `slurmstepd` of this cluster, on a node if one is named."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                # slurmstepd renames itself to `slurmstepd: [7.batch]`.
                command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                told = (path / "comm").read_text(encoding="utf-8").strip()
                if told == name and (node is None or f"-N {node}" in command):
                    found.append(int(path.name))
        return found

    def children_of_job(self, job: str) -> list[int]:
        """Pids of all processes in whose environment a job's id stands."""
        wanted = f"SLURM_JOB_ID={job}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if wanted in (path / "environ").read_bytes().split(b"\0"):
                    found.append(int(path.name))
        return found


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _run(*command: str | None) -> None:
    # Daemons keep what they inherit: a pipe would never end.
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed with {done.returncode}")


def _pid_in(path: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(path.read_text(encoding="utf-8"))
    return None


def _kill(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _end(pid: int) -> None:
    _kill(pid, signal.SIGTERM)
    for _ in range(50):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
    _kill(pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """The cluster, one at a time on a machine: another worker's tests wait."""
    lock = os.open("/tmp/layeratlas-slurm.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        if reason := Slurm.unfit():
            pytest.skip(reason)
        # Sockets and munge have limits on paths that pytest's own folders come close to.
        cluster = Slurm(tmp_path_factory.mktemp("slurm"))
        cluster.clear()
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
    finally:
        os.close(lock)


def hashes(project: Any, preset: str = "smoke") -> dict[str, str]:
    """Cube of a project → content hash."""
    folder = project.folder / "results" / preset / "cubes"
    return {p.stem: json.loads(p.read_text())["content_hash"] for p in folder.glob("*.json")}
