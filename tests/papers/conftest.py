"""What tests of all papers share."""

from __future__ import annotations

import pytest

from layeratlas.claims import spread


@pytest.fixture(autouse=True)
def without_spreads(request, monkeypatch):
    """Claims are judged once, not again without each seed, but for tests marked `spreads`.

    Their numbers and orders are those of the whole; what standard errors do to claims of any
    paper is tested once, with the jackknife itself.
    """
    if "spreads" not in request.keywords:
        monkeypatch.setattr(spread, "judged_with_spreads", lambda judge, cubes: judge(cubes))
