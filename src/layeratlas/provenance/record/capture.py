"""What stands around a job at its start: code, environment, machine.

Captured in the job itself, so that it is true for the process that computes; nothing is kept
between jobs. Costs about 0.1 s.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import layeratlas
from layeratlas.provenance.record.code_archive import code_archive, users_archive
from layeratlas.provenance.record.keeping import keep_bytes
from layeratlas.provenance.record.origin import state_of_crate
from layeratlas.provenance.record.probing import UnreadError, ask
from layeratlas.provenance.record.schema import Code, Environment, Machine
from layeratlas.provenance.record.source import GitState, git_state, source_state, was_edited
from layeratlas.provenance.record.stamps import user
from layeratlas.words import listed

# Versions that can change numbers or pictures; the hash covers everything installed.
_THAT_MATTER = (
    "matplotlib",
    "mlxtend",
    "numba",
    "numcodecs",
    "numpy",
    "pandas",
    "pikepdf",
    "pillow",
    "scikit-learn",
    "scipy",
    "seaborn",
    "snakemake",
    "torch",
    "xarray",
    "zarr",
)
_VARIABLES = (
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_VISIBLE_DEVICES",
    "MKL_NUM_THREADS",
    "NUMBA_CPU_NAME",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "SOURCE_DATE_EPOCH",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
)
_DRIVER = Path("/proc/driver/nvidia")
_CARD = Path("/dev/nvidia0")
_NO_CARD = b"No devices were found"
_SECONDS = 2.0
_DISTRIBUTION = re.compile(r"(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")
_SCHEDULERS: dict[str, dict[str, str]] = {
    "slurm": {
        "job_id": "SLURM_JOB_ID",
        "array_task": "SLURM_ARRAY_TASK_ID",
        "partition": "SLURM_JOB_PARTITION",
        "cluster": "SLURM_CLUSTER_NAME",
    },
    "pbs": {"job_id": "PBS_JOBID", "array_task": "PBS_ARRAY_INDEX", "partition": "PBS_QUEUE"},
    "lsf": {"job_id": "LSB_JOBID", "array_task": "LSB_JOBINDEX", "partition": "LSB_QUEUE"},
}


def capture_code(
    root: Path,
    fingerprint: str | None = None,
    script: Path | None = None,
    base: Path | None = None,
) -> Code:
    """The package as imported, its commit, and its uncommitted changes kept as an object.

    Where no commit holds the code, or git does not tell, the code itself is kept: the package, and
    Snakefile, rules and scripts under `base`. In an unpacked crate, which no git knows, the crate
    tells the commit. StoreError when it cannot be kept.
    """
    git = git_state()
    if git == GitState():
        git = state_of_crate() or git
    unread = dict(git.unread)
    source, unreadable = source_state()
    if unreadable:
        unread["source"] = f"{listed(unreadable)} cannot be read"
    held = git.commit is not None and "diff" not in git.unread
    return Code(
        source=source,
        fingerprint=fingerprint,
        script=_digest(script, "script", unread),
        version=layeratlas.__version__,
        commit=git.commit,
        dirty=git.dirty,
        repository=git.repository,
        diff=None if git.diff is None else keep_bytes(git.diff, ".diff", root),
        kept=None if held else keep_bytes(code_archive(base), ".tar", root),
        unread=unread,
    )


def completed(code: Code, root: Path) -> Code:
    """At the end of a job: whether the code on the disk is still the one it started with, and the
    users' files that it ran, kept. StoreError when they cannot be kept.
    """
    edited, users = was_edited(code.source), users_archive()
    # Of one's own work they are kept already (`own_work`).
    if users is None or code.users:
        return code.model_copy(update={"edited": edited})
    content, names, changed = users
    kept = keep_bytes(content, ".tar", root)
    return code.model_copy(
        update={"edited": edited or changed, "users": kept, "users_files": names}
    )


def capture_environment(
    base: Path | None = None, variables: Mapping[str, str] = os.environ
) -> Environment:
    """Python, every installed package, the lock `envs/requirements.lock` under `base`."""
    unread: dict[str, str] = {}
    installed = _installed(unread)
    python = platform.python_version()
    listing = "\n".join([f"python {python}", *(f"{n} {v}" for n, v in sorted(installed.items()))])
    return Environment(
        hash=hashlib.sha256(listing.encode()).hexdigest(),
        python=python,
        packages={name: installed[name] for name in _THAT_MATTER if name in installed},
        lock=_digest(base and base / "envs" / "requirements.lock", "lock", unread),
        variables={name: variables[name] for name in _VARIABLES if name in variables},
        unread=unread,
    )


def capture_machine(
    device: str | None = None, variables: Mapping[str, str] = os.environ
) -> Machine:
    """Host, processor, graphics card and the scheduler's job."""
    gpu, unread = None, {}
    try:
        gpu = _gpu()
    except UnreadError as error:
        unread["gpu"] = str(error)
    return Machine(
        host=socket.gethostname(),
        user=user(),
        platform=platform.platform(),
        cpu=_cpu(),
        gpu=gpu,
        device=device,
        scheduler=_scheduler(variables),
        unread=unread,
    )


def _installed(unread: dict[str, str]) -> dict[str, str]:
    """{name: version} of every installed distribution; folders that cannot be read into `unread`.

    From the names of their folders (`numpy-2.4.6.dist-info`): opening every METADATA file, as
    importlib.metadata does, takes fifty times as long, and longer still on a network file system.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = sorted(entry.name for entry in os.scandir(folder or "."))
        except (FileNotFoundError, NotADirectoryError):  # a zip is a place for modules, too
            continue
        except OSError as error:
            unread["packages"] = f"a folder of Python's path: {error.strerror or error}"
            continue
        for name in names:
            if match := _DISTRIBUTION.fullmatch(name):
                # Of two of one name, the first on the path is the one that is imported.
                found.setdefault(re.sub(r"[-_.]+", "-", match[1]).lower(), match[2])
    return found


def _digest(path: Path | None, name: str, unread: dict[str, str]) -> str | None:
    """sha256 of a file, None where there is none; why it cannot be read into `unread`."""
    try:
        return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        unread[name] = f"{path.name if path else name}: {error.strerror or error}"
        return None


def _cpu() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        with suppress(UnreadError):
            said = ask(["sysctl", "-n", "machdep.cpu.brand_string"], _SECONDS)
            if said.status == 0 and said.output.strip():
                return said.output.decode(errors="replace").strip()
    return platform.processor() or platform.machine()


def _gpu() -> str | None:
    """Names of the NVIDIA cards, without loading torch or CUDA. UnreadError where nobody tells."""
    names = []
    for card in sorted(_DRIVER.glob("gpus/*/information")):
        try:
            found = re.search(r"^Model:\s*(.+)$", card.read_text(errors="replace"), re.MULTILINE)
        except OSError:
            continue
        if found:
            names.append(found[1].strip())
    if not names and (_DRIVER.exists() or _CARD.exists()):
        said = ask(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], _SECONDS)
        if said.status != 0 and _NO_CARD not in said.output:
            raise UnreadError(f"nvidia-smi says {said.complaint!r}")
        lines = said.output.decode(errors="replace").splitlines()
        names = [line.strip() for line in lines if line.strip() and said.status == 0]
    counts = {name: names.count(name) for name in names}
    return ", ".join(f"{n} × {name}" if n > 1 else name for name, n in counts.items()) or None


def _scheduler(variables: Mapping[str, str]) -> dict[str, str] | None:
    for system, names in _SCHEDULERS.items():
        if names["job_id"] in variables:
            said = {key: variables[name] for key, name in names.items() if name in variables}
            return {"system": system, **said}
    return None
