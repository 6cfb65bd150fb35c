"""Compiled kernels kept on disk: never in the way, and never believed when they decayed.

numba compiles for half a minute what it loads in a tenth of a second. Three things its own cache
does not do. It ends where no folder can be written, as in a container; here a kernel is compiled
anew then. It runs what it reads; here each file carries the digest of what it holds and stands for,
so that decayed code is compiled again. It numbers its files in an index, which two jobs that start
together can mix up; here a file's name says what is in it.

Where the files lie numba decides: `__pycache__` beside the source, else the user's cache folder,
which `workflow/environment.py` sees to. Compiled code is code: whoever may write there may run
what they like. That is what the folder's owner is for, not the digest.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache
from numba.core.serialize import dumps

from layeratlas.bounded.files import MIB, read_bytes
from layeratlas.errors import UnreadableError

_MOST_BYTES = 64 * MIB


def cached_njit(signature: Any = None, **options: Any) -> Callable[[Callable], Any]:
    """Decorator: `numba.njit`, for one signature if it is given, cached where there is a place."""

    def decorate(function: Callable) -> Any:
        kernel = numba.njit(**options)(function)
        # numba has no name for the error that says that no folder will do.
        with suppress(RuntimeError, OSError):
            kernel._cache = _Cache(function)
        if signature is not None:
            kernel.compile(signature)
            kernel.disable_compile()
        return kernel

    return decorate


class _Cache(FunctionCache):
    """numba's, on other files, and of which any failure means that it holds nothing."""

    def __init__(self, function: Callable):
        super().__init__(function)
        locator = self._impl.locator
        stem = Path(locator.get_cache_path()) / self._impl.filename_base
        self._cache_file = _Files(stem, locator.get_source_stamp())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        # Whole, and made by this version of numba, it may still be for a library that is gone.
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):  # a full disk, a folder that was taken away
            super().save_overload(sig, data)


class _Files:
    """One file a signature: sha256 of what it stands for and holds (32 bytes), then the content.

    It stands for the source (`stamp`), the version of numba and the key: signature, processor,
    bytecode.
    """

    def __init__(self, stem: Path, stamp: object):
        self._stem, self._stamp = stem, stamp

    def load(self, key: object) -> Any:
        try:
            content = read_bytes(self._path(key), _MOST_BYTES)
        except UnreadableError:
            return None
        digest, data = content[:32], content[32:]
        return pickle.loads(data) if digest == self._digest(key, data) else None

    def save(self, key: object, data: Any) -> None:
        path, content = self._path(key), dumps(data)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            temporary.write_bytes(self._digest(key, content) + content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def _path(self, key: object) -> Path:
        return Path(f"{self._stem}.{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.nbc")

    def _digest(self, key: object, content: bytes) -> bytes:
        meant = repr((numba.__version__, self._stamp, key)).encode()
        return hashlib.sha256(hashlib.sha256(meant).digest() + content).digest()
