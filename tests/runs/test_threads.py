"""One thread a process, whoever was imported first."""

from __future__ import annotations

import numpy as np  # noqa: F401  (its BLAS is what is limited)
from threadpoolctl import threadpool_info

from layeratlas.runs import threads


def test_one_thread_of_each_library_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.setattr(threads, "_amd_with_avx512", lambda: False)
    environment = {"OMP_NUM_THREADS": "3"}
    threads.limit_threads(environment)
    assert environment == {
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "3",
        "NUMBA_NUM_THREADS": "1",
    }


def test_a_blas_that_is_loaded_already_is_limited_too():
    threads.limit_threads({})
    blas = [library for library in threadpool_info() if library["user_api"] == "blas"]
    assert blas and all(library["num_threads"] == 1 for library in blas)


def test_avx512_kernels_where_the_part_has_them(monkeypatch):
    monkeypatch.setattr(threads, "_amd_with_avx512", lambda: True)
    environment = {}
    threads.limit_threads(environment)
    assert environment["OPENBLAS_CORETYPE"] == "SkylakeX"
    environment = {"OPENBLAS_CORETYPE": "Zen"}
    threads.limit_threads(environment)
    assert environment["OPENBLAS_CORETYPE"] == "Zen"
