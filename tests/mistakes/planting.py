"""Planting mistakes, one at a time, in copies of the project, and running tests there.

A copy shares files with one clean copy (hard links), so it costs milliseconds and finds compiled
kernels. A file with a mistake is a new file: numba compiles its kernels anew, because its cache
goes by the file's time and size. Each run is a process of its own, forked from one that has loaded
the libraries but nothing of the package.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .mistake import PACKAGE, ROOT, Mistake

#: What tests import besides the package, loaded once.
LIBRARIES = ["hypothesis", "numba", "pydantic", "pytest", "scipy.stats", "torch", "xarray"]
#: Files that kernels of other files inline, which numba's cache does not notice.
INLINED = (PACKAGE / "backends/fused/words.py",)
#: Seconds after which a run counts as hanging.
PATIENCE = 300.0


@dataclass(frozen=True)
class Outcome:
    """What became of a mistake: the test that saw it ("" if none did), and the seconds it took."""

    mistake: Mistake
    seen_by: str
    seconds: float

    @property
    def survived(self) -> bool:
        return not self.seen_by


@contextmanager
def clean_copy(root: Path = ROOT) -> Iterator[Path]:
    """A copy of the project's files as they are in the work tree, with its compiled kernels."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, check=True,
    ).stdout  # fmt: skip
    files = [root / name for name in listed.decode().split("\0") if name]
    files += (root / PACKAGE).rglob("__pycache__/*.nb?")
    with tempfile.TemporaryDirectory(prefix="mistakes-") as folder:
        copy = Path(folder) / "clean"
        for path in filter(Path.is_file, files):
            target = copy / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            # With its time, which numba's cache goes by.
            shutil.copy2(path, target)
        yield copy


def outcomes(
    mistakes: Sequence[Mistake], clean: Path, *, widely: bool = False, workers: int = 2
) -> Iterator[Outcome]:
    """Plant each mistake in a copy of its own and run its tests there, as they finish.

    `widely`: then the tests of its whole room, if its own do not see it.
    """
    with ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(_outcome, mistake, clean, widely) for mistake in mistakes]
        for job in as_completed(jobs):
            yield job.result()


def failing(clean: Path, tests: Iterable[str]) -> str:
    """The first test that fails in the clean copy, "" where all pass; compiles what they use."""
    return _first_failure(clean, sorted(set(tests)), patience=20 * PATIENCE)


def _outcome(mistake: Mistake, clean: Path, widely: bool) -> Outcome:
    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir=clean.parent) as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(clean, copy, copy_function=os.link, symlinks=True)
        plant(mistake, copy)
        seen = _first_failure(copy, mistake.must_see)
        if widely and not seen:
            seen = _first_failure(copy, [mistake.room])
    return Outcome(mistake, seen, time.monotonic() - start)


def plant(mistake: Mistake, copy: Path) -> None:
    """Make the mistake in a copy of the project."""
    path = copy / mistake.path
    wrong = mistake.planted(path.read_text(encoding="utf-8"))
    path.unlink()  # Written in place it would change in the clean copy too.
    path.write_text(wrong, encoding="utf-8")
    if mistake.path in INLINED:
        for compiled in (copy / PACKAGE).rglob("*.nb?"):
            compiled.unlink()


def _first_failure(copy: Path, tests: Sequence[str], patience: float = PATIENCE) -> str:
    """The first test that fails in a copy, "" where none does."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    told = copy / "first_failure"
    process = context.Process(target=_run, args=(str(copy), list(tests), str(told)))
    process.start()
    process.join(patience)
    if process.is_alive():
        process.kill()
        process.join()
        return f"{tests[0]} (hangs)"
    if process.exitcode == 0:
        return ""
    if not told.exists():
        raise RuntimeError(f"{', '.join(tests)}: no test failed, but they could not be run")
    return told.read_text(encoding="utf-8")


def _run(copy: str, tests: list[str], told: str) -> None:
    """In the child: pytest on some tests of a copy, until one fails."""
    os.chdir(copy)
    sys.path[:0] = [f"{copy}/src", copy]
    os.environ["PYTHONPATH"] = f"{copy}/src"  # of its children
    os.environ["PYTHONPYCACHEPREFIX"] = ""
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        import pytest
        from hypothesis import Phase, settings

        class Noted:
            @staticmethod
            def pytest_runtest_logreport(report):
                if report.failed:
                    Path(told).write_text(report.nodeid, encoding="utf-8")

            @staticmethod
            def pytest_collectreport(report):
                if report.failed:
                    Path(told).write_text(f"{report.nodeid} (import)", encoding="utf-8")

        # That an example fails is enough; a smaller one is not looked for.
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mistakes", deadline=None, database=None, phases=phases)
        options = ["-x", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
        options += ["--hypothesis-profile=mistakes", "--hypothesis-seed=0"]
        os._exit(pytest.main([*options, *tests], plugins=[Noted]))
