"""A process that has imported everything once, and forks a guarded child for every case.

It never starts a thread, so forking it is safe. `Zygote` is its other end.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from made.fuzzing import guard

_KEPT = 400_000
_PRELOADED = (
    "PIL.PngImagePlugin", "dask.array", "encodings.cp437", "encodings.unicode_escape",
    "encodings.utf_8_sig", "layeratlas.claims.files", "layeratlas.claims.scoreboard",
    "layeratlas.cli", "layeratlas.config.experiment", "layeratlas.cubes.comparison_report",
    "layeratlas.cubes.identities", "layeratlas.cubes.measurements", "layeratlas.cubes.opening",
    "layeratlas.engine.checkpoint", "layeratlas.figures.output",
    "layeratlas.provenance.ask.dependents", "layeratlas.provenance.ask.differences",
    "layeratlas.provenance.ask.history", "layeratlas.provenance.ask.lineage",
    "layeratlas.provenance.ask.staleness", "layeratlas.provenance.ask.values",
    "layeratlas.provenance.ask.versions", "layeratlas.provenance.crate.building",
    "layeratlas.provenance.crate.checking", "layeratlas.provenance.crate.export",
    "layeratlas.provenance.record.recording", "layeratlas.provenance.store.garbage",
    "layeratlas.provenance.store.pins", "layeratlas.provenance.store.verify",
    "layeratlas.provenance.tell.drawing", "layeratlas.provenance.tell.printing",
    "layeratlas.provenance.tell.show", "layeratlas.storage.export", "layeratlas.workflow.checks",
    "layeratlas.workflow.frame", "layeratlas.workflow.planning", "made.fuzzing.corpus",
    "made.fuzzing.questions", "made.recording", "multiprocessing.synchronize", "netCDF4",
    "numcodecs.blosc", "pandas", "pandas.core.methods.to_dict", "pikepdf", "rich.console",
    "rich.table", "rich.tree", "rocrate.rocrate", "snakemake.cli", "snakemake.common.configfile",
    "snakemake.utils", "threadpoolctl", "xarray.backends.netCDF4_", "zarr", "zarr.codecs",
    "zarr.core.sync",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What one question gave. `status` is a command's; `digest` tells all of `text`."""

    question: str
    status: int | None = None
    text: str = ""
    digest: str = ""
    said: str = ""
    """stderr, and warnings of functions."""
    refused: str | None = None
    """A LayerAtlasError that a function raised: its words."""
    fault: str | None = None
    """Anything else: its traceback."""
    odd: str = ""
    """Characters that may not reach a terminal."""


@dataclass(frozen=True)
class Reply:
    """What came of a case."""

    answers: tuple[Answer, ...] = ()
    ended: str = ""
    """Why the child gave no answers: a signal, or time."""
    peak_kib: int = 0
    cpu_seconds: float = 0.0
    touched: tuple[str, ...] = field(default=())


class Zygote:
    """`ask` runs questions in a project; use it in a `with` block."""

    def __init__(self, log: Path):
        self._log = log.open("wb")

    def __enter__(self) -> Zygote:
        here = Path(__file__).resolve().parents[2]
        path = os.pathsep.join([str(here.parent / "src"), str(here)])
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        threads = dict.fromkeys(names, "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "made.fuzzing.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **threads, "PYTHONPATH": path, "MPLBACKEND": "Agg"},
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._log.close()

    def ask(
        self,
        case: Path,
        questions: Iterable[str],
        spoiled: str,
        *plants: str,
        make: bool = False,
        wall: float | None = None,
    ) -> Reply:
        """Ask in `case`/project, where the file `spoiled` was changed. `plants` are functions of
        `made.fuzzing.plants` that break the code first; `make` makes the project instead; `wall`
        are the seconds to wait for an answer."""
        job = {
            "case": str(case),
            "questions": list(questions),
            "spoiled": spoiled,
            "plants": plants,
            "make": make,
            "wall": wall or (600 if make else guard.WALL_SECONDS),
        }
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        reply["answers"] = tuple(Answer(**one) for one in reply["answers"])
        return Reply(**reply | {"touched": tuple(reply["touched"])})


# --- the other process ------------------------------------------------------------------------
def serve() -> None:
    """Answer jobs from stdin, a line each, until it ends."""
    for name in _PRELOADED:
        importlib.import_module(name)
    _remember_code()
    # What is never looked at again is never copied into a child.
    gc.collect()
    gc.freeze()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed by accident is no reply
    for line in sys.stdin.buffer:
        replies.write(json.dumps(_run(json.loads(line))).encode() + b"\n")
        replies.flush()


def _remember_code() -> None:
    """Parse the package once, here: a child's memory ends with it."""
    from layeratlas.workflow.jobs import JOBS, code_of
    from made.fuzzing.corpus import ROOT

    for rule in JOBS:
        code_of(rule, (), ROOT / "scripts")


def _run(job: dict[str, Any]) -> dict[str, Any]:
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        _child(job, reader, writer)
    os.close(writer)
    content, in_time = _read_all(reader, job["wall"])
    os.close(reader)
    if not in_time:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    reply = {"answers": [], "touched": [], "ended": "", "peak_kib": used.ru_maxrss}
    reply["cpu_seconds"] = used.ru_utime + used.ru_stime
    if not in_time:
        reply["ended"] = f"it was still running after {job['wall']} s"
    elif code == -signal.SIGXCPU or code == -signal.SIGKILL:
        reply["ended"] = f"it used more than {guard.CPU_SECONDS} s of processor time"
    elif code:
        reply["ended"] = f"the process ended with {code}"
    else:
        reply |= json.loads(content)
    return reply


def _read_all(reader: int, seconds: float) -> tuple[bytes, bool]:
    parts, until = [], time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return b"".join(parts), False
        part = os.read(reader, 1 << 16)
        if not part:
            return b"".join(parts), True
        parts.append(part)


def _child(job: dict[str, Any], reader: int, writer: int) -> None:
    """Answer and end; never comes back."""
    code = 70
    try:
        os.setpgid(0, 0)
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        case = Path(job["case"])
        if job["make"]:
            from made.fuzzing.corpus import make

            with contextlib.redirect_stdout(io.StringIO()):
                make(case / "project")
            result: dict[str, Any] = {}
        else:
            result = _answers(job, case)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(result).encode())
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Nothing that waits for the end of a process (caches, threads) runs in a copy of one.
        os._exit(code)


def _answers(job: dict[str, Any], case: Path) -> dict[str, Any]:
    from made.fuzzing.questions import QUESTIONS

    sys.dont_write_bytecode = True
    os.chdir(case / "project")
    tempfile.tempdir = os.environ["TMPDIR"] = str(case / "out")
    for name in job["plants"]:
        getattr(importlib.import_module("made.fuzzing.plants"), name)()
    guard.limit()
    touched = guard.watch(
        [str(case / "project"), str(case / "out")], [str(case / "outside"), "/nowhere"]
    )
    answers = [_answer(name, QUESTIONS[name], job["spoiled"]) for name in job["questions"]]
    return {"answers": answers, "touched": touched[:20]}


def _answer(name: str, ask: Any, spoiled: str) -> dict[str, Any]:
    from layeratlas.errors import LayerAtlasError
    from made.fuzzing.questions import Command

    out, said = io.StringIO(), io.StringIO()
    found: dict[str, Any] = {"question": name}
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(said),
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        try:
            answer = ask(spoiled)
            if answer is not None:
                out.write(json.dumps(answer, sort_keys=True, default=repr))
        except Command as ended:
            (found["status"],) = ended.args
        except SystemExit as ended:  # of argparse
            found["status"] = ended.code if isinstance(ended.code, int) else 2
        except LayerAtlasError as error:
            found["refused"] = str(error)
        except BaseException:
            found["fault"] = traceback.format_exc()[-_KEPT:]
    text, told = out.getvalue(), said.getvalue()
    ours = [str(w.message) for w in warned if "layeratlas" in type(w.message).__module__]
    told = "\n".join([told, *ours]).strip()
    raw = text if name not in _PLAIN else ""
    odd = {c for c in raw + told if not c.isprintable() and c not in "\n\t"}
    whole = text.encode("utf-8", "surrogatepass")
    found |= {"text": text[:_KEPT], "digest": hashlib.sha256(whole).hexdigest()}
    return found | {"said": told[:_KEPT], "odd": repr(sorted(odd)) if odd else ""}


# Functions: what they give back is data, not words for a terminal.
_PLAIN = {
    "tree", "groups", "cube", "unpacked", "netcdf", "older", "manifest", "records", "pinned",
    "ledger", "reasons", "receipts", "codes", "identity", "state", "crate_read", "planned",
    "configured", "settings",
}  # fmt: skip


if __name__ == "__main__":
    serve()
