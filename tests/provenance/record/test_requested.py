"""What a job asked for, and the memory of the processes around it."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from snakemake.iocontainers import ResourceList

from layeratlas.provenance.record.requested import memory_around, requested
from layeratlas.provenance.record.schema import Requested


def job(**resources):
    return SimpleNamespace(resources=ResourceList(fromdict=resources))


def test_resources_of_the_job_by_their_names():
    asked = {"mem_mb": 1200, "runtime": 15, "gpu": 0, "cpus_per_task": 1, "attempt": 2,
             "sized_mem_mb": 900, "sized_seconds": 70}  # fmt: skip
    found = requested(job(**asked, _cores=1, tmpdir="/tmp", mem_mib=1145))
    assert found == Requested(**asked)


def test_without_memory_nothing_was_asked_for():
    assert requested(job(gpu=1)) is None
    assert requested(SimpleNamespace()) is None


def test_what_is_no_number_is_left_out():
    found = requested(job(mem_mb=100, runtime="2h", gpu=-1))
    assert found == Requested(mem_mb=100)


NESTED = b"python\0-m\0snakemake\0--mode\0subprocess\0"


class Processes:
    """A folder that looks like /proc."""

    def __init__(self, folder):
        self.folder = folder

    def add(self, number, parent, kilobytes, name="python", command=b"python\0", job=None):
        place = self.folder / str(number)
        place.mkdir()
        (place / "stat").write_bytes(f"{number} (a) {number}) S {parent} 0".encode())
        (place / "status").write_text(f"Name:\t{name}\nVmHWM:\t {kilobytes} kB\nVmRSS:\t 1 kB\n")
        (place / "comm").write_text(f"{name}\n")
        (place / "cmdline").write_bytes(command)
        told = f"SLURM_JOB_ID={job}\0" if job else ""
        (place / "environ").write_bytes(f"{told}HOME=/root\0".encode())


@pytest.fixture
def allocation(tmp_path):
    """Job 7 as the executor of SLURM runs it: a step inside the batch step, each with a daemon."""
    made = Processes(tmp_path / "proc")
    made.folder.mkdir()
    (made.folder / "meminfo").write_text("MemTotal: 1 kB\n")
    made.add(1, 0, 5, "init")
    made.add(10, 1, 9, "slurmstepd")
    made.add(11, 10, 2_000, "bash", b"bash\0job\0", job=7)
    made.add(12, 11, 140_000, command=b"snakemake\0--mode\0remote\0", job=7)
    made.add(13, 12, 6_000, "srun", b"srun\0-n1\0", job=7)
    made.add(20, 1, 9, "slurmstepd")
    made.add(21, 20, 150_000, command=NESTED)  # variables of SLURM were taken out
    made.add(22, 21, 1_000, "sh", b"sh\0-c\0")
    made.add(30, 22, 400_000, command=b"python\0script.py\0", job=7)
    made.add(31, 30, 50_000, command=b"git\0", job=7)  # what the script started is its own
    made.add(90, 1, 800_000, command=b"python\0", job=77)
    made.add(91, 1, 800_000, command=b"python\0")
    return made


def test_all_of_the_allocation_but_the_script_counts(allocation):
    found = memory_around(allocation.folder, {"SLURM_JOB_ID": "7"}, 30)
    assert found == 1024 * (2_000 + 140_000 + 6_000 + 150_000 + 1_000)


def test_an_allocation_that_a_controller_shares_out_is_no_frame(tmp_path):
    made = Processes(tmp_path)
    made.add(10, 1, 9, "slurmstepd")
    made.add(11, 10, 140_000, command=b"snakemake\0--cores\x008\0", job=7)
    made.add(30, 11, 400_000, job=7)
    made.add(31, 11, 400_000, job=7)
    assert memory_around(tmp_path, {"SLURM_JOB_ID": "7"}, 30) is None


def test_there_is_none_outside_slurm_or_where_nothing_can_be_read(allocation, tmp_path):
    assert memory_around(allocation.folder, {}, 30) is None
    assert memory_around(tmp_path / "nothing", {"SLURM_JOB_ID": "7"}, 30) is None


def test_processes_that_end_meanwhile_are_passed_over(allocation):
    (allocation.folder / "13" / "status").unlink()
    (allocation.folder / "13" / "environ").unlink()
    (allocation.folder / "91" / "stat").unlink()
    found = memory_around(allocation.folder, {"SLURM_JOB_ID": "7"}, 30)
    assert found == 1024 * (2_000 + 140_000 + 150_000 + 1_000)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc")  # noqa: PTH112
def test_this_machine_can_be_read():
    # No process above this one is nested, and the walk comes to that end by itself.
    assert memory_around(variables={"SLURM_JOB_ID": "0"}) is None
