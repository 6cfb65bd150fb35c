"""The one did-you-mean."""

from __future__ import annotations

import re
from pathlib import Path

import layeratlas
from layeratlas.words import suggestion


def test_the_nearest_name_is_suggested_if_any_is_near():
    assert suggestion("epoch", ["depth", "epochs"]) == "did you mean 'epochs'? "
    assert suggestion("epoch", ["depth", "epochs"], sentence=True) == "Did you mean 'epochs'? "
    assert suggestion("zzz", ["depth", "epochs"]) == ""
    assert suggestion(3, {"3rd": None}, cutoff=0.5) == "did you mean '3rd'? "
    assert suggestion(3, {"3rd": None}, cutoff=0.9) == ""


def test_nothing_else_looks_for_near_names():
    root = Path(layeratlas.__file__).parent
    users = [p.name for p in root.rglob("*.py") if re.search("difflib", p.read_text("utf-8"))]
    assert users == ["words.py"]
