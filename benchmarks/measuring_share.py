"""What measuring costs beside training, from the records of jobs that ran.

    python benchmarks/measuring_share.py [--root FOLDER] [--preset laptop] [--experiments 'nfa_*']

CPU seconds of the jobs `train` and `measure` of every experiment, the last of each result, beyond
what starting Python and loading their libraries takes, which is measured first. Experiments that
measure the networks of another train nothing; they count in the sum.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from fnmatch import fnmatchcase

import layeratlas

#: What jobs of a rule load.
LOADED = {
    "train": "import layeratlas.workflow.frame, layeratlas.engine.loop, layeratlas.storage",
    "measure": "import layeratlas.workflow.frame, layeratlas.measure, layeratlas.storage, torch",
}


def starting(code: str) -> float:
    """CPU seconds of a process that only runs this, the least of five."""
    taken = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--root", default=".")
    parser.add_argument("--preset", default="laptop")
    parser.add_argument("--experiments", default="*")
    asked = parser.parse_args()
    start = {rule: starting(code) for rule, code in LOADED.items()}
    jobs = layeratlas.log(root=asked.root, preset=asked.preset, status="ok")
    jobs = jobs[jobs["rule"].isin(LOADED)].drop_duplicates(["rule", "what"], keep="last")
    # The machine may have been faster when they ran.
    least = jobs.groupby("rule")["cpu_seconds"].min()
    start = {rule: min(seconds, least.get(rule, seconds)) for rule, seconds in start.items()}
    print(", ".join(f"starting a job {rule} {seconds:.1f} s" for rule, seconds in start.items()))
    chosen = jobs["experiment"].map(lambda name: fnmatchcase(str(name), asked.experiments))
    jobs = jobs[chosen].assign(beyond=lambda d: d["cpu_seconds"] - d["rule"].map(start))
    table = jobs.pivot_table(
        values="beyond", index="experiment", columns="rule", aggfunc="sum", fill_value=0.0
    )
    table = table.reindex(columns=list(LOADED), fill_value=0.0)
    for name, row in [*table.iterrows(), ("together", table.sum())]:
        share = f"{row['measure'] / row['train']:6.0%}" if row["train"] > 0 else "     –"
        print(f"{name:28} train {row['train']:7.1f}   measure {row['measure']:6.1f}   {share}")


if __name__ == "__main__":
    main()
