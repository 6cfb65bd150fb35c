"""benchmarks/gpu.py: what it would do with a card, tried without one."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "benchmarks" / "gpu.py"
README = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
TABLE = "| part | what | number | check | note |\n|---|---|---|---|---|\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)


@pytest.fixture(scope="module")
def gpu():
    spec = importlib.util.spec_from_file_location("benchmark_gpu", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_gpu"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["benchmark_gpu"]


@pytest.fixture
def report(gpu, tmp_path):
    return gpu.Report(tmp_path / "out", "One card.")


@pytest.mark.skipif(torch.cuda.is_available(), reason="a card is at hand")
def test_without_a_card_the_table_is_empty_and_says_so(tmp_path):
    done = run("--out", str(tmp_path))
    assert done.returncode == 2
    text = (tmp_path / "gpu.md").read_text()
    assert text.startswith("No card was at hand") and text.endswith(TABLE)
    assert json.loads((tmp_path / "gpu.json").read_text())["rows"] == []


def test_what_is_on_record_is_the_scripts_table_and_held_its_tolerances(gpu):
    section = README.partition("## What a GPU gives")[2].partition("\n## ")[0]
    before, found, after = section.partition(TABLE)
    assert found and "H100" in before
    rows = [line.strip("| ").split(" | ") for line in after.split("\n\n")[0].splitlines()]
    assert {row[0] for row in rows} == {"workflow", "alike", "slot", "diagram"}
    checked = {row[1]: row for row in rows if row[3].strip()}
    assert len(checked) == 10 and {row[3] for row in checked.values()} == {"holds"}
    for limit in (gpu.LOSSES_ALIKE, gpu.MEDIAN_OF_D, gpu.ACCURACIES):
        assert any(f"at most {limit:g}" in row[-1] for row in checked.values())


@pytest.mark.slow
def test_every_part_works_on_the_cpu(tmp_path):
    done = run("--dry", "--out", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "gpu.json").read_text())
    assert told["heading"].startswith("A dry run on the CPU, no card")
    rows = {f"{row['part']}: {row['what']}": row for row in told["rows"]}
    assert not any(row["number"] in ("left out", "failed") for row in rows.values())
    checked = [name for name, row in rows.items() if row["holds"]]
    assert len(checked) == 10 and not any(row["holds"] is False for row in rows.values())
    assert rows["workflow: same bits twice"]["note"].endswith("1 trained again")
    # Both run on the CPU: cubes are the same to the bit.
    assert rows["workflow: D to the CPU's cubes, float32: median distance"]["number"] == "0.0e+00"
    assert {name.partition(":")[0] for name in rows} == {"workflow", "alike", "slot", "diagram"}
    assert any("as it is" in name for name in rows)
    table = (tmp_path / "gpu.md").read_text()
    assert table.count("\n| ") == len(rows) + 1


def test_what_does_not_hold_is_the_status(gpu, report, monkeypatch):
    def part(holds):
        return lambda report, asked, left: report.add("a", "number", "1", holds=holds), 480.0

    for holds, status in ((True, 0), (None, 0), (False, 1)):
        monkeypatch.setattr(gpu, "PARTS", {"a": part(holds)})
        report.rows.clear()
        assert gpu.measured(report, gpu.Asked("cpu", True), 10) == status
    assert "**FAILS**" in (report.out / "gpu.md").read_text()


def test_a_part_ends_in_its_time_and_the_next_ones_go_on(gpu, report, monkeypatch):
    def slow(report, asked, left):
        report.add("slow", "first", "1")
        try:
            time.sleep(60)
        except Exception:
            pytest.fail("an end of time that code in between may swallow")

    def broken(report, asked, left):
        raise ValueError("a | b\nc")

    def fine(report, asked, left):
        report.add("fine", "seconds that are left", f"{left():.0f}")

    parts = {"slow": (slow, 48.0), "broken": (broken, 480.0), "fine": (fine, 480.0)}
    monkeypatch.setattr(gpu, "PARTS", parts)
    assert gpu.measured(report, gpu.Asked("cpu", True), 15) == 1
    told = [(row.part, row.number) for row in report.rows]
    assert told[:3] == [("slow", "1"), ("slow", "left out"), ("broken", "failed")]
    assert told[3][0] == "fine" and 10 < int(told[3][1]) <= 14
    assert "| ValueError: a / b |" in (report.out / "gpu.md").read_text()
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_when_the_time_is_over_the_rest_is_left_out(gpu, report, monkeypatch):
    monkeypatch.setattr(gpu, "PARTS", {"a": (pytest.fail, 480.0), "b": (pytest.fail, 480.0)})
    assert gpu.measured(report, gpu.Asked("cpu", True), 0.5) == 0
    assert [(row.part, row.number) for row in report.rows] == [("a", "left out"), ("b", "left out")]


def test_nothing_is_left_running_when_the_time_is_over(gpu):
    """Of Snakemake its jobs, too."""
    code = "import subprocess as s; print(s.Popen(['sleep', '600']).pid, flush=True); s.os.wait()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with pytest.raises(gpu.TimeIsOver), gpu.at_most(5), gpu.ended(process):
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.wait()
    assert process.poll() is not None
    for _ in range(50):
        if not Path(f"/proc/{child}/cmdline").exists() or not (
            Path(f"/proc/{child}/cmdline").read_bytes()
        ):
            break
        time.sleep(0.1)
    else:
        os.kill(child, signal.SIGKILL)
        pytest.fail("a job is left running")


@pytest.mark.parametrize(
    ("capability", "processors", "teraflop"),
    [((9, 0), 132, 66.91), ((8, 0), 108, 27.37), ((7, 5), 40, 10.14), ((99, 0), 1, None)],
)
def test_the_peak_is_that_of_the_data_sheet(gpu, monkeypatch, capability, processors, teraflop):
    """H100 SXM at 1.98 GHz: 67 TFLOP/s. The driver may not know the name that torch has."""
    major, minor = capability
    found = SimpleNamespace(
        major=major, minor=minor, multi_processor_count=processors, uuid="a-b", clock_rate=1.98e6
    )
    monkeypatch.setattr(gpu.torch.cuda, "get_device_properties", lambda index: found)
    asked = []

    def answer(command, **_):
        asked.append(command[-1])
        if len(asked) == 1:
            raise subprocess.CalledProcessError(6, command)
        return SimpleNamespace(stdout="1980\n1500\n")

    monkeypatch.setattr(gpu.subprocess, "run", answer)
    told = gpu.peak()
    assert asked == ["--id=GPU-a-b", "--format=csv,noheader,nounits"]
    assert told is None if teraflop is None else told[0] == pytest.approx(teraflop * 1e12, rel=2e-3)


def test_the_published_diagram_is_that_of_the_workflow(gpu):
    panels = gpu.Diagram(gpu.Asked("cuda", False))
    large, default = panels.planned(), panels.planned(default=True)
    runs = [sorted(i for _, plan in plans for i in plan.run_ids) for plans in (large, default)]
    assert len(runs[0]) == 1920 and runs[0] == runs[1]
    # One shard for each panel whose runs differ in members' settings alone, one a batch size.
    assert sorted(plan.size for _, plan in large) == 8 * [60] + 3 * [480]
    assert max(plan.size for _, plan in default) == 40
    # 480 networks of 71,000 multiply-adds a panel, 100 epochs, 200 of learning rates; data noise is
    # of 1,000 images.
    flop = 6 * 71_000 * 480 * 100 * (2560 * (1 + 2 + 1) + 1000)
    assert sum(panels.flop(*one) for one in large) == pytest.approx(flop)
    assert panels.source == "mnist_5k"


def test_a_result_that_differs_by_more_than_stated_is_told(gpu, report, tmp_path, monkeypatch):
    import numpy as np
    import xarray as xr

    def cube(shift: float, wrong: float) -> xr.DataTree:
        d = np.linspace(-1, 1, 9) + shift
        accuracy = xr.Dataset({name: ("run", [0.5 + wrong]) for name in
                               ("train_accuracy", "test_accuracy")})  # fmt: skip
        layers = xr.Dataset({"data_separation": ("layer", d)})
        return xr.DataTree.from_dict({"/layers": layers, "/evaluation": accuracy})

    for folder in ("ours", "theirs"):
        path = tmp_path / folder / "results" / "smoke" / "cubes"
        path.mkdir(parents=True)
        (path / "phase_diagram_dropout.zarr.zip").touch()
    for shift, wrong, holds in ((1e-4, 0.01, [True, True]), (2e-3, 0.06, [False, False])):
        report.rows.clear()
        cubes = iter([cube(0, 0), cube(shift, wrong)])
        monkeypatch.setattr(gpu, "open_cube", lambda path, cubes=cubes: next(cubes))
        gpu.compare(report, tmp_path / "ours", tmp_path / "theirs")
        assert [row.holds for row in report.rows] == holds
