"""Names at the top of the package: there, and imported only when used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import layeratlas


@pytest.mark.parametrize("name", [name for name in layeratlas.__all__ if name != "__version__"])
def test_every_name_is_there(name):
    assert callable(getattr(layeratlas, name))
    assert getattr(layeratlas, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = layeratlas.no_such_name


def test_importing_the_package_imports_nothing_else():
    code = "import sys, layeratlas; print([m for m in sys.modules if m.startswith('layeratlas.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
