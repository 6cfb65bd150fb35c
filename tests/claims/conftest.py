"""Made-up claims."""

from __future__ import annotations

import pytest

from layeratlas.claims.claim import judge


@pytest.fixture(scope="session")
def claimed():
    """`claimed(value, **other)`: a judged claim."""

    def make(value: float, **other):
        common = {
            "id": "1", "figure": "f", "subject": "s", "statement": "it is small", "source": "u",
            "comparison": "<=", "threshold": 0.5, "n": 3,
        }  # fmt: skip
        return judge(value=value, **common | other)

    return make
