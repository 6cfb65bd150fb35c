"""One thread a process: two one-thread jobs beat one two-thread job, and bits stay put."""

from __future__ import annotations

import os
import sys

_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")


def limit_threads(environment=os.environ) -> None:
    """Ask BLAS, OpenMP and numba for one thread; call before numpy is imported.

    Also chooses OpenBLAS's AVX-512 kernels on AMD parts that have the instructions: older
    OpenBLAS releases pick AVX2 there, at half the speed. A user's own setting wins.
    """
    for name in _VARIABLES:
        environment.setdefault(name, "1")
    if "numpy" in sys.modules:
        # Too late for the environment: a library that was imported first has its threads, and
        # products of two threads round otherwise.
        from threadpoolctl import threadpool_limits

        threadpool_limits(int(environment["OPENBLAS_NUM_THREADS"]), user_api="blas")
    if _amd_with_avx512():
        environment.setdefault("OPENBLAS_CORETYPE", "SkylakeX")


def _amd_with_avx512() -> bool:
    try:
        with open("/proc/cpuinfo") as lines:  # noqa: PTH123  (a pseudo-file, read once)
            text = lines.read(8192)
    except OSError:
        return False
    needed = ("avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl")
    return "AuthenticAMD" in text and all(f" {flag}" in text for flag in needed)
