"""Which cases of a test run at every change, and which before a release."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def often(cases: Iterable[Any], *kept: Any) -> list[Any]:
    """All cases, of which those that are not kept are marked slow; a tuple is of several values."""
    listed = list(cases)
    assert set(kept) <= set(listed)
    return [case if case in kept else _slow(case) for case in listed]


def _slow(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
