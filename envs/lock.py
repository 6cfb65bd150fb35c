"""Write envs/requirements.lock from the running environment, and envs/layeratlas.yaml from it.

    make lock

The lock is the one list of versions: pip's requirements format, read by `make env`. Local version
labels (torch's "+cpu") are dropped: the lock says which release, the machine says which build.

conda's file repeats the list because it has to: Snakemake copies it to .snakemake/conda before it
makes the environment, so that `-r requirements.lock` would lead nowhere, and it names the
environment by the text of the file, so that a new lock would go unnoticed. It is derived from the
lock here and compared with it in tests/test_packaging.py; nobody edits it.

Why no lock of pip-tools or uv: these resolve anew from an index. This lock says which versions the
tests ran with, which a look at the environment answers.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parent
# Tools of the installer itself, and the project, which is installed from this folder.
_LEFT_OUT = {"pip", "layeratlas"}


def pins() -> list[str]:
    """`name==version` of every installed distribution, sorted."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = canonicalize_name(distribution.metadata["Name"])
        if name not in _LEFT_OUT:
            found[name] = distribution.version.partition("+")[0]
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def lock_text(lines: list[str]) -> str:
    """The lock, in pip's form."""
    head = "# Every version of the environment; written by envs/lock.py (`make lock`).\n"
    return head + "".join(f"{line}\n" for line in lines)


def conda_text(lock: str) -> str:
    """The text of a lock in conda's form."""
    head = (
        "# The lock in conda's form; written by envs/lock.py (`make lock`).\n"
        "name: layeratlas\nchannels: [conda-forge]\ndependencies:\n"
        "  - python=3.11\n  - pip\n  - pip:\n"
    )
    lines = [line for line in lock.splitlines() if line and not line.startswith("#")]
    return head + "".join(f"      - {line}\n" for line in lines)


if __name__ == "__main__":
    text = lock_text(pins())
    (HERE / "requirements.lock").write_text(text, encoding="utf-8")
    (HERE / "layeratlas.yaml").write_text(conda_text(text), encoding="utf-8")
