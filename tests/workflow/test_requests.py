"""What jobs ask of a scheduler: from sizes, corrected by records, doubled after failures."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest

from layeratlas.workflow import requests
from layeratlas.workflow.earlier import Used
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.requests import FRAME, LEAST, NAMES, Requests, percentile, rounded_up
from layeratlas.workflow.sizes import MiB, Size

AT = {"experiment": "e", "key": "0" * 16}


@pytest.fixture(autouse=True)
def of_1000_mb(monkeypatch):
    """Every job of a 1000 MB and of 400 s, whatever its plan."""
    monkeypatch.setattr(requests, "size_of", lambda workflow, rule, at: Size(1000 * MiB, 400.0))


def asked(used=(), attempt=1, rule="train", at=AT, device="cpu", gpu=False, **more):
    workflow = SimpleNamespace(uses_gpu=gpu, config=SimpleNamespace(device=device))
    made = Requests(workflow, used=lambda: list(used), **more)
    return made.of(rule, at, attempt)


def jobs(number, memory=0.5, seconds=0.5, rule="train", what="e", **more):
    return [Used(rule, what, memory, seconds, **more) for _ in range(number)]


def test_without_records_sizes_and_a_margin():
    assert asked() == {
        "mem_mb": 1000, "runtime": 20, "gpu": 0, "cpus_per_task": 1, "attempt": 1,
        "sized_mem_mb": 1000, "sized_seconds": 400,
    }  # fmt: skip
    assert tuple(asked()) == NAMES


def test_a_job_that_is_sent_elsewhere_asks_for_its_frame_too():
    assert asked(alone=lambda: False)["mem_mb"] == 1000 + FRAME // MiB
    frames = jobs(LEAST, memory=1.0, frame=200.0 * MiB)
    assert asked(frames, alone=lambda: False)["mem_mb"] == 1100 + 220
    assert asked(frames)["mem_mb"] == 1100
    # Fewer say only that it may be more.
    more = jobs(1, memory=1.0, frame=400.0 * MiB)
    assert asked(more, alone=lambda: False)["mem_mb"] == 1250 + 440


@pytest.mark.parametrize(
    ("used", "memory", "runtime"),
    [
        (jobs(LEAST), 550, 10),
        (jobs(LEAST, seconds=6.0), 550, 60),
        # Of few jobs only what is beyond the sizes is believed.
        (jobs(LEAST - 1), 1000, 20),
        (jobs(1, memory=1.5, seconds=3.0), 1880, 40),
        # The experiment's own, else those of the rule, never another rule's.
        (jobs(LEAST) + jobs(99, 3.0, 9.0, what="other"), 550, 10),
        (jobs(LEAST, 0.25, 1.5, what="other"), 320, 20),
        (jobs(LEAST, 0.25, what="other", recent=False), 1000, 20),
        (jobs(99, 3.0, 9.0, rule="measure"), 1000, 20),
        # One in twenty may be odd.
        (jobs(19) + jobs(1, 9.0), 550, 10),
        (jobs(18) + jobs(2, 9.0), 9900, 10),
    ],
)
def test_records_correct_what_sizes_tell(used, memory, runtime):
    found = asked(used)
    assert (found["mem_mb"], found["runtime"]) == (memory, runtime)
    assert (found["sized_mem_mb"], found["sized_seconds"]) == (1000, 400)


def test_a_figure_has_records_of_its_own():
    used = jobs(LEAST, 0.25, rule="draw_figure", what="f")
    assert asked(used, rule="draw_figure", at={"figure": "f"})["mem_mb"] == 280


def test_memory_and_minutes_double_with_every_attempt():
    for attempt, times in ((1, 1), (2, 2), (3, 4)):
        found = asked(jobs(LEAST), attempt, alone=lambda: False)
        assert found["mem_mb"] == times * (550 + FRAME // MiB)
        assert (found["runtime"], found["attempt"]) == (times * 10, attempt)
        assert found["sized_mem_mb"] == 1000


def test_the_gpu_is_asked_for_by_those_that_may_use_it():
    assert asked(gpu=True)["gpu"] == 1
    assert asked(gpu=True, rule="probe")["gpu"] == 0
    # Chains stay on the processor unless told otherwise.
    assert asked(gpu=True, rule="simulate")["gpu"] == 0
    assert asked(rule="simulate", device="cuda")["gpu"] == 1


def test_where_jobs_go_is_asked_for_each():
    """Snakemake knows its executor only after it has read the rules."""
    known = []
    workflow = SimpleNamespace(uses_gpu=False, config=SimpleNamespace(device="cpu"))
    made = Requests(workflow, alone=lambda: not known, used=list)
    assert made.of("train", AT, 1)["mem_mb"] == 1000
    known.append("slurm")
    assert made.of("train", {**AT, "key": "1"}, 1)["mem_mb"] == 1000 + FRAME // MiB


def test_records_are_asked_once_and_not_before_it_must_be():
    times = []

    def used():
        times.append(1)
        return jobs(LEAST)

    workflow = SimpleNamespace(uses_gpu=False, config=SimpleNamespace(device="cpu"))
    made = Requests(workflow, used=used)
    assert times == []
    for key in range(1000):
        made.of("train", {"experiment": "e", "key": f"{key}"}, 1)
        made.of("measure", {"experiment": "e", "key": f"{key}"}, 1)
    assert times == [1]


def test_percentiles_and_rounding():
    assert percentile([]) == 0
    assert percentile([3.0]) == 3
    assert percentile(list(range(1, 101))) == 95
    assert [rounded_up(x) for x in (100 * 1.1, 110.1, 1)] == [110, 120, 10]


# --- in Snakemake -------------------------------------------------------------------------------
def resources(text):
    """Rule → resources of its first job in the output of a dry run."""
    found = {}
    for rule, line in re.findall(r"^(?:local)?rule (\w+):$.*?^    resources: (.*?)$", text,
                                 re.M | re.S):  # fmt: skip
        pairs = re.findall(r"(\w+)=(\d+)(?:,|$)", line)
        found.setdefault(rule, {name: int(value) for name, value in pairs})
    return found


@pytest.fixture
def true_sizes(monkeypatch):
    monkeypatch.undo()


def test_every_rule_that_runs_a_script_asks(clone):
    """Through one helper: no rule has its own formula, and none says how often it is tried."""
    for path in (clone.folder / "rules").glob("*.smk"):
        for rule in re.split(r"^rule ", path.read_text(), flags=re.M)[1:]:
            name = rule.partition(":")[0]
            assert not re.search(r"^    retries:", rule, re.M)
            wanted = f'    resources:\n        **requests("{name}"),\n'
            assert (wanted in rule) == (name in JOBS), name
            assert rule.count("    resources:") == (name in JOBS)
    done = clone.snakemake("figures/maps/tiny/data_separation.pdf", dry=True)
    found = resources(done.stdout)
    assert set(found) == {"prepare_dataset", "train", "measure", "assemble_cube", "draw_map"}
    for asked in found.values():
        assert set(NAMES) <= set(asked)
        assert asked["mem_mb"] >= 10 and asked["runtime"] >= 10 and asked["gpu"] == 0


def test_records_say_what_was_asked_and_change_nothing_that_runs(finished, true_sizes):
    target = "figures/maps/tiny/data_separation.pdf"
    told = [
        json.loads(path.read_bytes())
        for path in (finished.folder / "provenance" / "records").rglob("*.json")
    ]
    first = {one["activity"]["rule"]: one["requested"] for one in told}
    assert set(first) >= {"prepare_dataset", "train", "measure", "assemble_cube", "draw_map"}
    for one in told:
        assert one["requested"]["attempt"] == 1 and one["frame_memory_bytes"] is None
        assert 0 < one["peak_memory_bytes"] < 2**20 * one["requested"]["mem_mb"]
        assert one["wall_seconds"] < 60 * one["requested"]["runtime"]
    # By now there are records, which say otherwise than sizes did.
    assert "Nothing to be done" in finished.make(target)
    again = finished.snakemake(target, options=("--forcerun", "train"), dry=True)
    asked = resources(again.stdout)["train"]
    assert (asked["sized_mem_mb"], asked["attempt"]) == (first["train"]["sized_mem_mb"], 1)
    # Nothing on record, and nothing that can be read, is no error.
    (finished.folder / "provenance" / "index.sqlite").write_bytes(b"broken")
    assert finished.snakemake(target, dry=True).returncode == 0


def test_memory_can_be_rationed_on_one_machine(finished):
    """Nothing is limited but by who asks for it; then jobs ask for no more than there is."""
    options = ("--resources", "mem_mb=50", "--forceall")
    done = finished.snakemake("figures/maps/tiny/data_separation.pdf", options=options, dry=True)
    assert {asked["mem_mb"] for asked in resources(done.stdout).values()} == {50}
