"""Planning: CPU seconds before the first job, each candidate in processes of its own, interleaved.

- everything: parameters and fingerprints of every job behind every figure, preset laptop;
- the first time: the same before fingerprints remember what they parsed;
- dry run: `snakemake -n figures`, Snakemake's own start, graph and printing included;
- baseline: `snakemake --version`, what Snakemake takes to start;
- help: `layeratlas --help`.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MEMORY = ROOT / "src/layeratlas/__pycache__"

EVERYTHING = """
from pathlib import Path
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.planning import Workflow

workflow = Workflow({"preset": "laptop"}, Path("."))
seen = set()

def visit(rule, at):
    key = (rule, *sorted(at.items()))
    if key not in seen:
        seen.add(key)
        for name in JOBS[rule].names:
            workflow.param(rule, name, at)
        for other in JOBS[rule].upstream(workflow, at):
            visit(*other)

for figure in workflow.figures:
    visit("show_figure", {"figure": figure})
for figure in workflow.animated():
    visit("animate_figure", {"figure": figure})
for figure in workflow.tabulated():
    visit("write_table", {"figure": figure})
"""

CANDIDATES = {
    "everything, the first time": [sys.executable, "-c", EVERYTHING],
    "everything": [sys.executable, "-c", EVERYTHING],
    "dry run": [str(BIN / "snakemake"), "-n", "figures"],
    "snakemake --version (baseline)": [str(BIN / "snakemake"), "--version"],
    "layeratlas --help": [sys.executable, "-m", "layeratlas", "--help"],
}


def cpu_seconds(command: list[str]) -> float:
    """User and system time of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def forget() -> None:
    for path in MEMORY.glob("fingerprints.*"):
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    times: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    for _ in range(rounds):
        forget()
        for name, command in CANDIDATES.items():
            times[name].append(cpu_seconds(command))
    for name, seconds in times.items():
        print(f"{name:32} {statistics.median(seconds):6.2f} s")


if __name__ == "__main__":
    main()
