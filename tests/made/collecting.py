"""Python's collector of cycles, while thousands of tests are collected and run.

It walks through every object that is alive, again and again while tests are collected, which are
twelve thousand: half of the time that takes. Afterwards tests themselves are no longer walked
through, and the collector comes round less often.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(100_000, 20, 20)
        gc.enable()
