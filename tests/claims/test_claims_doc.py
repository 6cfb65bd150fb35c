"""What docs/claims.md shows runs, and says what the text says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas.claims.claim import FAILS, HOLDS, TIE, VERDICTS, WITHIN

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("seeds", "verdict"),
    [
        (np.add.outer([-0.001, 0.001], [0.1, 0.2, 0.3, 0.4]), HOLDS),
        (np.add.outer([-0.001, 0.001], [0.4, 0.3, 0.2, 0.1]), FAILS),
        (np.array([[0.1, 0.3, 0.2, 0.4], [0.1, 0.2, 0.3, 0.41]]), TIE),
    ],
)
def test_the_example_judges_an_order(seeds, verdict):
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    names: dict = {}
    exec(compile(code, "docs/claims.md", "exec"), names)
    coords = {"seed": [1, 2], "dropout": [0.0, 0.1, 0.2, 0.3]}
    accuracy = xr.DataArray(seeds, coords, ("seed", "dropout"), name="test_accuracy")
    cube = xr.DataTree.from_dict({"/evaluation": accuracy.to_dataset()})
    (claim,) = names["check"]({"mine": cube}, {})
    assert (claim.verdict, claim.n) == (verdict, 8)


def test_every_verdict_is_explained():
    _, *told = re.findall(r"^\| ([a-z ]+) \| ", TEXT, re.M)
    assert told == [HOLDS, FAILS, TIE, "not applicable"]
    assert set(VERDICTS) == {HOLDS, FAILS, TIE, "not applicable"}
    assert WITHIN == 2 and "two standard errors" in TEXT
