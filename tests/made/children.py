"""Forked children and large trees, to kill and to crowd."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import numpy as np
import xarray as xr


def in_child(work) -> int:
    """Run `work` in a forked child and return its pid; the child never comes back here."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def large(version: int) -> xr.DataTree:
    """About 5 MB in three groups; every number says which version it belongs to."""
    noise = np.random.default_rng(0).random((10, 100, 400), dtype="f4") * 0.5
    part = xr.Dataset({"v": (("seed", "epoch", "layer"), noise + np.float32(version))})
    root = xr.Dataset({"mark": ((), version)}, attrs={"version": version})
    return xr.DataTree.from_dict({"/": root, "/a": part, "/b": part, "/c": part})


def version_of(tree: xr.DataTree) -> int:
    """The version of `tree`, which must be one throughout."""
    seen = {int(tree.attrs["version"]), int(tree["mark"])}
    for group in "abc":
        values = tree[group]["v"].values
        seen |= {int(values.min()), int(values.max())}
    assert len(seen) == 1, seen
    return seen.pop()


def temporaries(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.name.endswith(".tmp")]
