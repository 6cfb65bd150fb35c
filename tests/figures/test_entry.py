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


def test_it_may_be_costly_and_need_more_at_some_presets():
    entry = FigureEntry(
        "x", "m:f", None, ("a",), costly=("laptop",), more={"paper": ("b", "a"), "laptop": ("c",)}
    )
    assert [entry.is_costly(preset) for preset in ("smoke", "laptop", "paper")] == [0, 1, 0]
    assert entry.experiments_of("smoke") == ("a",)
    assert entry.experiments_of("paper") == ("a", "b")
    assert entry.every_experiment == ("a", "b", "c")
    assert set(entry.presets_named) == {"laptop", "paper"}
    assert FigureEntry("x", "m:f", costly=True).is_costly("smoke")
    assert hash(entry)


def test_importing_it_loads_nothing_heavy():
    code = (
        "import sys, layeratlas.figures.entry;"
        "heavy = {'matplotlib', 'seaborn', 'numpy', 'xarray', 'pandas'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
