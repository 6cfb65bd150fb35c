"""Records of one's own work: a script that is no job of the pipeline leaves a record as one does.

    with layeratlas.record():
        product = layeratlas.open_cube(a)["layers"] * layeratlas.open_cube(b)["layers"]
        product.to_netcdf("product.nc")

Whoever runs it need not say what it reads and writes: that is watched (`watching.py`). Files of
code below the project's folder are kept with the record, so that the script that ran can be read
years from now.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from layeratlas.errors import StoreError
from layeratlas.provenance.record.code_archive import files_archive
from layeratlas.provenance.record.configuration import configuration
from layeratlas.provenance.record.files import states_of
from layeratlas.provenance.record.keeping import keep, keep_bytes
from layeratlas.provenance.record.places import nearest_store
from layeratlas.provenance.record.recording import Recorder
from layeratlas.provenance.record.schema import Record
from layeratlas.provenance.record.source import PACKAGE
from layeratlas.provenance.record.watching import (
    Seen,
    Stamp,
    collected,
    stamp,
    variables,
    watched,
)
from layeratlas.storage.hashing import file_digest
from layeratlas.storage.manifest import SUFFIX
from layeratlas.temporaries import scratch_folder
from layeratlas.words import listed, quoted

RULE = "own_work"
SCRIPTS = "scripts"
"""Of a record's configuration: digests of the files of code that ran, by path."""
_CODE = (".py", ".ipynb", ".r", ".jl", ".sh")
# Where jobs write at any time, and what the store keeps: nobody's own work.
_JOBS = ("results", "figures", "crates", "export", "logs", "provenance", "store")
_STORE = ("provenance", "store", "logs")
_MOST_FILES = 100_000
Named = Iterable[str | os.PathLike[str]]


@contextmanager
def record(
    *outputs: str | os.PathLike[str], inputs: Named = (), root: str | os.PathLike[str] | None = None
) -> Iterator[None]:
    """Record what is done inside the `with` block: which files of the project it reads, which it
    makes, and with which code.

    Of `outputs`, those files are what it makes; without any, all that it writes in the project's
    folder. `inputs` are files that it cannot be seen to read: outside of the project, by a library
    in C, or opened before. `root` is the project's folder, by default the nearest one at or above
    the working folder. An error inside is recorded as a failure. StoreError where nothing can be
    recorded, nothing was made, or a file that was read has changed meanwhile.
    """
    work = _Work(shlex.join(_own_command()), outputs, inputs, root)
    try:
        with watched(os.fspath(work.root)) as seen:
            yield
    except BaseException as error:
        with suppress(Exception):
            work.finish(seen, _loaded(work.root), error=f"{type(error).__name__}: {error}")
        raise
    work.finish(seen, _loaded(work.root))


def run(
    command: Sequence[str],
    outputs: Named = (),
    inputs: Named = (),
    root: str | os.PathLike[str] | None = None,
) -> tuple[int, Record]:
    """Run a command and record what it did: (its exit status, the record).

    `outputs`, `inputs`, `root` and errors are those of `record`. A command that fails is on record
    as failed. What programs other than Python read must be named.
    """
    work = _Work(shlex.join(command), outputs, inputs, root)
    work.children = True
    root = os.fspath(work.root)
    with scratch_folder() as folder:
        around = variables(os.path.realpath(folder), root, os.environ)
        try:
            process = subprocess.Popen(list(command), env=around)
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(
                f"{quoted(command[0])} cannot be started ({reason}): give a command, as in "
                "`layeratlas record -- python mine.py`."
            ) from error
        status = _ended(process)
        seen = collected(os.path.realpath(folder), root)
    if seen.pythons and sys.prefix not in seen.pythons:
        work.foreign()
    scripts = [name for word in command if (name := work.script(word))]
    failure = None if status == 0 else f"the command ended with status {status}"
    return status, work.finish(seen, scripts, failure)


def _ended(process: subprocess.Popen[bytes]) -> int:
    """The exit status, as a shell has it. Whoever interrupts it, interrupts the command, too."""
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            continue
        return status if status >= 0 else 128 - status


class _Files(list[str]):
    """Files of one role, as Snakemake hands them to a script."""

    def __init__(self, role: str, names: Iterable[str]):
        super().__init__(names)
        self._role = role

    def items(self) -> Iterator[tuple[str, list[str]]]:
        """By role."""
        yield self._role, list(self)


class _Job:
    """What a recorder asks of a job."""

    rule, scriptdir = RULE, None
    config: Mapping[str, Any] = {}

    def __init__(self, command: str, outputs: Iterable[str], inputs: Iterable[str]):
        self.wildcards = {"command": command}
        self.params = {"command": command}
        self.output = _Files("product", outputs)
        self.input = _Files("input", inputs)


class _Work(Recorder):
    """A recorder whose files are known at the end."""

    def __init__(
        self,
        command: str,
        outputs: Named,
        inputs: Named,
        root: str | os.PathLike[str] | None,
    ):
        self.root = _project(root)
        self._command = command
        given = [_relative(self.root, path) for path in inputs]
        for path in given:
            if not (self.root / path).is_file():
                raise StoreError(f"{quoted(path)} is no file: give what the work reads.")
        self._given = [_relative(self.root, path) for path in outputs]
        super().__init__(_Job(command, self._given, given), self.root)
        self._before = {} if self._given else _standing(self.root)

    def foreign(self) -> None:
        """Note that the work was done by another Python than this one."""
        unread = {**self._environment.unread, "packages": "the command ran in another environment"}
        self._environment = self._environment.model_copy(update={"unread": unread})

    def script(self, word: str) -> str | None:
        """The path in the project of a file of code that a command names."""
        place = Path(word)
        if place.suffix.lower() not in _CODE or not place.is_file():
            return None
        name = _relative(self.root, place)
        return None if Path(name).is_absolute() else name

    def finish(  # type: ignore[override]
        self, seen: Seen, scripts: Sequence[str], error: str | None = None
    ) -> Record:
        """Write the record; `scripts` are code that ran, the one that was started first.

        StoreError, with a failure on record, where the record would not be true.
        """
        made = self._given or self._made(seen)
        read = {
            name: found
            for name, found in seen.read.items()
            if name not in made and (self.root / name).is_file() and not self._is_package(name)
        }
        code = {name for name in read if Path(name).suffix.lower() in _CODE} | set(scripts)
        data = [name for name in read if name not in code and _is_data(name)]
        problem = self._problem(made, {name: read[name] for name in data})
        self._job.output = _Files("product", made)
        self._inputs = (
            *self._inputs,
            *states_of(_Files("input", data), self.root, trust_manifests=True),
        )
        self._note_code(code, next(iter(scripts), None))
        if error is None:
            for name in made:
                if name.endswith(SUFFIX) and (self.root / name).is_file():
                    keep(self.root / name, self.root)
        written = super().finish(error or problem)
        if error is None and problem is not None:
            raise StoreError(f"This is on record as failed: {problem}.")
        return written

    def _made(self, seen: Seen) -> list[str]:
        """Files that the work made, as far as it was seen or shows in its folder."""
        found = {name for name in seen.written if name.split("/")[0] not in _STORE}
        found |= {
            name for name, now in _standing(self.root).items() if self._before.get(name) != now
        }
        return sorted(
            name
            for name in found
            if (self.root / name).is_file() and not name.endswith((".pyc", ".lock"))
        )

    def _problem(self, made: Sequence[str], read: Mapping[str, Stamp]) -> str | None:
        """Why the record would not be true."""
        if not made:
            return "it wrote no file in the project that could be seen; name what it makes"
        if missing := [name for name in made if not (self.root / name).is_file()]:
            return f"it did not make {listed(missing)}"
        for name, then in read.items():
            if stamp(self.root / name) != then:
                return f"{quoted(name)} was changed while the work ran; run it again"
        return None

    def _note_code(self, names: Iterable[str], script: str | None) -> None:
        places = [(name, self.root / name) for name in sorted(names)]
        digests = {name: file_digest(place) for name, place in places if place.is_file()}
        self._configuration = configuration({"command": self._command, SCRIPTS: digests})
        if digests:
            kept = keep_bytes(files_archive(places), ".tar", self.root)
            self._code = self._code.model_copy(
                update={
                    "users": kept,
                    "users_files": tuple(digests),
                    "script": digests.get(script or ""),
                }
            )

    def _is_package(self, name: str) -> bool:
        place = self.root / name
        return place.is_relative_to(PACKAGE) or "site-packages" in place.parts


def _is_data(name: str) -> bool:
    """Whether a file that was read is data: of the store only kept versions are."""
    top, *inner = name.split("/")
    return top not in _STORE or (top == "store" and inner[:1] == ["objects"])


def _project(root: str | os.PathLike[str] | None) -> Path:
    found = nearest_store(Path.cwd()) if root is None else Path(root)
    if found is None or not found.is_dir():
        what = "there is no project at or above this folder" if root is None else (
            f"{quoted(os.fspath(root))} is no folder"
        )  # fmt: skip
        raise StoreError(f"{what}: give the folder of the project (--root FOLDER, root=…).")
    return Path(os.path.realpath(found))


def _relative(root: Path, path: str | os.PathLike[str]) -> str:
    """As a record has it; of a file elsewhere the whole path. Links on the way there are followed
    only where it would lie outside: results may be kept on another disk."""
    place = Path(os.path.normpath(Path.cwd() / path))
    if not place.is_relative_to(root):
        place = place.parent.resolve() / place.name
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else str(place)


def _standing(root: Path) -> dict[str, Stamp]:
    """Files of the project by path, without those of jobs, of environments, and hidden ones.

    Empty where there are too many to look at.
    """
    found: dict[str, Stamp] = {}
    for folder, inner, names in os.walk(root):
        place = Path(folder)
        inner[:] = [
            name
            for name in inner
            if not name.startswith((".", "__pycache__", "node_modules"))
            and not (place == root and name in _JOBS)
            and not (place / name / "pyvenv.cfg").exists()
        ]
        for name in names:
            if not name.startswith("."):
                with suppress(OSError):
                    found[(place / name).relative_to(root).as_posix()] = stamp(place / name)
        if len(found) > _MOST_FILES:
            return {}
    return found


def _own_command() -> list[str]:
    return [Path(sys.executable).name, *sys.argv]


def _loaded(root: Path) -> list[str]:
    """Files of code below `root` that this process runs, the one that was started first, without
    the package's own."""
    modules = [sys.modules.get("__main__"), *sys.modules.values()]
    files = dict.fromkeys(getattr(module, "__file__", None) for module in modules)
    places = [Path(os.path.realpath(file)) for file in files if file]
    return [
        place.relative_to(root).as_posix()
        for place in places
        if place.suffix.lower() in _CODE
        and place.is_relative_to(root)
        and not place.is_relative_to(PACKAGE)
        and not any(
            part.startswith(".") or part == "site-packages"
            for part in place.relative_to(root).parts
        )
    ]
