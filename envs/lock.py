"""Write envs/requirements.lock and envs/layeratlas.yaml from the running environment.

    make lock

One list, two forms: pip's for `make`, conda's for `snakemake --sdm conda`. Local version labels
(torch's "+cpu") are dropped: the lock says which release, the machine says which build.
"""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Tools of the installer itself, and the project, which is installed from this folder.
_LEFT_OUT = {"pip", "layeratlas"}


def pins() -> list[str]:
    """`name==version` of every installed distribution, sorted."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        if name not in _LEFT_OUT:
            found[name] = distribution.version.partition("+")[0]
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def lock_text(lines: list[str]) -> str:
    head = "# Every version of the environment; written by envs/lock.py (`make lock`).\n"
    return head + "".join(f"{line}\n" for line in lines)


def conda_text(lines: list[str]) -> str:
    head = (
        "# The lock in conda's form; written by envs/lock.py (`make lock`).\n"
        "name: layeratlas\nchannels: [conda-forge]\ndependencies:\n"
        "  - python=3.11\n  - pip\n  - pip:\n"
    )
    return head + "".join(f"      - {line}\n" for line in lines)


if __name__ == "__main__":
    (HERE / "requirements.lock").write_text(lock_text(pins()), encoding="utf-8")
    (HERE / "layeratlas.yaml").write_text(conda_text(pins()), encoding="utf-8")
