"""Entries are light, and fixed once made."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

from layeratlas.figures.entry import FigureEntry


def test_an_entry_is_a_figure_like_others_unless_it_says_so():
    entry = FigureEntry("x", "m:f", None, (), (), "arXiv", "Title", "Caption.")
    assert entry.animation is entry.table is None
    assert not entry.costly
    with pytest.raises(FrozenInstanceError):
        entry.costly = True


def test_importing_it_loads_nothing_heavy():
    code = (
        "import sys, layeratlas.figures.entry;"
        "heavy = {'matplotlib', 'seaborn', 'numpy', 'xarray', 'pandas'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
