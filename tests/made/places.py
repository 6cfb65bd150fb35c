"""A place like a container: code that is somebody else's and read-only, no home, a strict mask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "a {clone} of {figure}, 100% #1 $HOME 'q' é"
"""A name for a folder, with what Snakemake, shells, make and URLs take for their own."""
USER = 12345  # known to no system
_CODE = ("Makefile", "Snakefile", "config", "data", "envs", "profiles", "pyproject.toml", "rules")
_CODE += ("README.md", "LICENSE", "scripts", "src")
# What decides how BLAS rounds, where a machine has it set.
_KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def copy_of_code(folder: Path) -> Path:
    """The code without history and without anything compiled."""
    folder.mkdir(parents=True)
    for name in _CODE:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-*")
            )
        else:
            shutil.copy2(ROOT / name, folder)
    return folder


class Container:
    """`code` cannot be written; `here`, the working folder, belongs to who works there."""

    def __init__(self, code: Path, here: Path):
        self.code, self.here = code, here
        self._as_other = os.getuid() == 0
        if self._as_other:
            self._need_setpriv()
        here.mkdir(parents=True)
        if self._as_other:
            os.chown(here, USER, USER)
        _chmod(code, lambda mode: mode & ~0o222)

    def run(self, *command: str, here: Path | None = None, **environment: str):
        """Run a command there as the other user; the finished process, output and all."""
        path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        given = {"PATH": path, "HOME": "/nonexistent", "LANG": "C", **kept, **environment}
        return subprocess.run(
            [*(self._other() if self._as_other else ()), *command],
            cwd=here or self.here,
            env={name: value for name, value in given.items() if value},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            umask=0o077,
            timeout=1200,
        )

    def snakemake(self, *arguments: str, **environment: str):
        """`snakemake` on the Snakefile of the code."""
        snakefile = str(self.code / "Snakefile")
        command = (sys.executable, "-m", "snakemake", "--cores", "1", "-s", snakefile)
        return self.run(*command, *arguments, **environment)

    def open_again(self) -> None:
        """So that whoever made it can remove it."""
        _chmod(self.code, lambda mode: mode | 0o200)

    @staticmethod
    def _other() -> tuple[str, ...]:
        # May read and pass everywhere, for Python may be installed in a home folder, and write
        # nowhere but in its own.
        caps = "-all,+dac_read_search"
        return (
            "setpriv",
            f"--reuid={USER}",
            f"--regid={USER}",
            "--clear-groups",
            f"--inh-caps={caps}",
            f"--ambient-caps={caps}",
        )

    def _need_setpriv(self) -> None:
        try:
            done = subprocess.run([*self._other(), "true"], capture_output=True)
        except FileNotFoundError:
            pytest.skip("needs setpriv to work as another user than root")
        if done.returncode:
            pytest.skip("setpriv may not change the user here")


def _chmod(top: Path, change) -> None:
    for path in [top, *top.rglob("*")]:
        if not path.is_symlink():
            path.chmod(change(path.stat().st_mode & 0o777))
