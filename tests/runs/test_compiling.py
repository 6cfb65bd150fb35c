"""Compiled kernels on disk: found again, never believed when decayed, never in the way."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from layeratlas.runs import compiling

SOURCE = """
from layeratlas.runs.compiling import cached_njit

@cached_njit(fastmath=False)
def double(x):
    return 2 * x
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A module with a kernel, in a folder of its own; numba has no other place for its cache."""
    monkeypatch.setattr(numba.core.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "none"))
    (tmp_path / "none").write_text("a file where the folder should be")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "kernel.py").write_text(SOURCE)
    return tmp_path / "code"


def loaded(folder: Path):
    """The kernel, as another process would import it."""
    spec = importlib.util.spec_from_file_location("kernel_under_test", folder / "kernel.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules.pop("kernel_under_test", None)
    spec.loader.exec_module(module)
    return module.double


def was_compiled(kernel) -> bool:
    """Whether the first call compiled it, where a cache would have had it."""
    return sum(kernel.stats.cache_hits.values()) == 0


def files(folder: Path) -> list[Path]:
    return sorted((folder / "__pycache__").glob("*.nbc"))


def test_a_kernel_is_compiled_once(folder):
    for expected in (True, False, False):
        kernel = loaded(folder)
        assert kernel(21) == 42 and was_compiled(kernel) is expected
    assert len(files(folder)) == 1
    assert kernel(1.5) == 3.0 and len(files(folder)) == 2


def test_an_edit_counts(folder):
    assert loaded(folder)(21) == 42
    (folder / "kernel.py").write_text(SOURCE.replace("2 * x", "3 * x"))
    kernel = loaded(folder)
    assert kernel(21) == 63 and was_compiled(kernel)
    assert len(files(folder)) == 1  # in the place of what nobody asks for any more


def test_every_flipped_bit_is_seen(folder):
    """Compiled code is run: one bit of it decides what it does."""
    loaded(folder)(21)
    (path,) = files(folder)
    content = path.read_bytes()
    asked = _key(folder)
    for position in np.random.default_rng(0).integers(8 * len(content), size=200):
        flipped = bytearray(content)
        flipped[position // 8] ^= 1 << position % 8
        path.write_bytes(flipped)
        assert loaded(folder)._cache._cache_file.load(asked) is None
    for damaged in (b"", content[:20], content[:-1], content + b"x"):
        path.write_bytes(damaged)
        kernel = loaded(folder)
        assert kernel(21) == 42 and was_compiled(kernel)
    kernel = loaded(folder)
    assert kernel(21) == 42 and not was_compiled(kernel)


def _key(folder: Path):
    kernel = loaded(folder)
    kernel.compile("(int64,)")
    return kernel._cache._index_key((numba.int64,), kernel.targetctx.codegen())


def test_a_kernel_of_another_name_is_not_believed(folder):
    """Two files exchanged: each says what it stands for."""
    kernel = loaded(folder)
    kernel(21), kernel(1.5)
    first, second = files(folder)
    contents = first.read_bytes(), second.read_bytes()
    second.write_bytes(contents[0])
    first.write_bytes(contents[1])
    kernel = loaded(folder)
    assert kernel(21) == 42 and kernel(1.5) == 3.0 and was_compiled(kernel)


@pytest.mark.parametrize("how", ["nowhere", "full", "gone"])
def test_without_a_place_kernels_are_compiled_anew(folder, monkeypatch, how):
    if how == "nowhere":
        (folder / "__pycache__").write_text("a file where the folder should be")
    if how == "full":
        monkeypatch.setattr(compiling.Path, "write_bytes", _full)
    kernel = loaded(folder)
    if how == "gone":
        (folder / "__pycache__").rename(folder / "aside")
    assert kernel(21) == 42 and was_compiled(kernel)


def _full(self, content):
    raise OSError(28, "No space left on device")


def test_for_one_signature_there_is_no_other(folder):
    add = compiling.cached_njit(numba.int64(numba.int64))(_plus_one)
    assert add(1) == 2 and add(1.7) == 2 and len(add.signatures) == 1


def _plus_one(x):
    return x + 1


def test_no_leftovers(folder):
    loaded(folder)(21)
    assert not list((folder / "__pycache__").glob("*.tmp"))
