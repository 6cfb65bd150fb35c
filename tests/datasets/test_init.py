"""The room's front door: names, loaded when first asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from layeratlas import datasets


@pytest.mark.parametrize("name", datasets.__all__)
def test_every_name_is_there(name):
    found = getattr(datasets, name)
    assert getattr(found, "__name__", name) == name


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        _ = datasets.no_such_name


@pytest.mark.parametrize("module", ["", ".registry", ".recipe"], ids=["room", "table", "recipe"])
def test_planning_loads_nothing_heavy(module):
    heavy = ["numpy", "torch", "xarray", "pandas", "scipy", "sklearn", "mlxtend", "pooch"]
    heavy += ["requests", "PIL"]
    code = (
        f"import sys, layeratlas.datasets{module}; "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
