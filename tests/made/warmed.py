"""`python -m …` in a process that is forked from one which has loaded the libraries already.

Half of what a short command takes is loading Snakemake, xarray, scipy and the like; tests start
hundreds. A server loads them once, nothing of the project, and forks a child for each command: its
own working folder, environment and standard files, the code of the clone that it is of.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

#: What planning and asking load besides the project. None of them starts a thread.
LIBRARIES = (
    "snakemake.cli", "snakemake.executors.local", "snakemake.report",
    "snakemake_executor_plugin_slurm", "argparse_dataclass", "ftplib", "jsonschema", "nbformat",
    "requests", "smart_open",
    "numpy", "pandas", "xarray", "zarr", "pydantic", "rich.console", "ruamel.yaml", "jaxtyping",
    "filelock", "statistics", "threadpoolctl",
)  # fmt: skip
#: Read when Python or a library is loaded: with another value than the server's it begins anew.
READ_EARLY = ("PYTHON", "LC_", "LANG", "XDG_", "HOME", "MPL", "NUMBA", "OMP_", "OPENBLAS_")


def run(
    module: str,
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    path: Sequence[str] = (),
    timeout: float = 600.0,
) -> subprocess.CompletedProcess[str]:
    """`python -m module` with arguments there, its output as text; `path` is looked through first.

    The environment is this process's or the one given; its `PYTHONPATH` counts in neither.
    """
    wanted = dict(os.environ if environment is None else environment)
    if _early(wanted) != _early(os.environ):
        if path:
            wanted["PYTHONPATH"] = os.pathsep.join(path)
        return subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=folder, timeout=timeout, env=wanted,
            capture_output=True, text=True,
        )  # fmt: skip
    return _server().run(module, list(arguments), folder, wanted, list(path), timeout)


def _early(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: text
        for name, text in environment.items()
        if name.startswith(READ_EARLY) and name != "PYTHONPATH"
    }


class _Server:
    def __init__(self) -> None:
        self.started_in = _early(os.environ)
        self._process = subprocess.Popen(
            # Safe path: this folder's modules are no libraries.
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)

    def run(self, module, arguments, folder, environment, path, timeout):  # type: ignore[no-untyped-def]
        assert self._process.stdin is not None and self._process.stdout is not None
        with tempfile.TemporaryDirectory() as told:
            request = {
                "module": module, "arguments": arguments, "folder": str(folder),
                "environment": environment, "path": path, "timeout": timeout, "told": told,
            }  # fmt: skip
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            code = json.loads(self._process.stdout.readline())
            out, err = (Path(told, name).read_text(encoding="utf-8") for name in ("out", "err"))
        command = [sys.executable, "-m", module, *arguments]
        if code is None:
            raise subprocess.TimeoutExpired(command, timeout, out, err)
        return subprocess.CompletedProcess(command, code, out, err)

    def close(self) -> None:
        with suppress(OSError):
            self._process.communicate()


_running: list[_Server] = []


def _server() -> _Server:
    if _running and _running[0].started_in != _early(os.environ):
        _running.pop().close()
    if not _running:
        _running.append(_Server())
    return _running[0]


# --- the server -----------------------------------------------------------------------------------
def _serve() -> None:
    """A child for each line that is read."""
    # What libraries print as they are loaded is no answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for name in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            _become(request)
        print(json.dumps(_ended(child, request["timeout"])), file=answers, flush=True)


def _ended(child: int, timeout: float) -> int | None:
    """Its exit status; None where it took too long."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        number, status, _ = os.wait4(child, os.WNOHANG)
        if number:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _become(request: dict) -> NoReturn:
    """In the child: `python -m …` from its start to its end."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    out, err = (os.open(f"{request['told']}/{name}", flags, 0o600) for name in ("out", "err"))
    for given, standard in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(given, standard)
        os.close(given)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    tempfile.tempdir = None
    sys.path[:0] = request["path"] or [""]
    importlib.invalidate_caches()
    sys.argv = [request["module"], *request["arguments"]]
    code: object = 0
    try:
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    # What Python does at its end, but for taking apart what was loaded.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    _serve()
