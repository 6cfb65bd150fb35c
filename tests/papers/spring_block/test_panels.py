"""The four panels are those of the experiments, and importing them is light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from layeratlas.config.experiments import load_experiment
from layeratlas.papers.spring_block.noise import NOISE_GROWS_WITH_VALUE
from layeratlas.papers.spring_block.panels import DIGITISED, PANELS
from layeratlas.papers.spring_block.published import PUBLISHED_COLUMNS

ROOT = Path(__file__).parents[3]


def test_a_panel_names_experiments_that_vary_its_noise():
    assert [panel.letter for panel in PANELS] == list("abcd")
    for panel in PANELS:
        e = load_experiment(panel.experiment, "laptop", ROOT / "config/experiments")
        assert {panel.noise, "negative_slope"} <= set(e.grid)
        fit = load_experiment(panel.fit, "laptop", ROOT / "config/experiments")
        assert fit.settings["fit"]["target"] == panel.experiment
        assert panel.noise in NOISE_GROWS_WITH_VALUE
        assert panel.noise in PUBLISHED_COLUMNS
    assert PANELS[1].subject == "b learning rate"
    assert (ROOT / "data/reference" / DIGITISED).is_file()


def test_tables_load_nothing_heavy():
    code = (
        "import sys, layeratlas.papers.spring_block, layeratlas.figures.entry, layeratlas.claims;"
        "heavy = {'matplotlib', 'seaborn', 'xarray', 'pandas', 'numpy', 'rich', 'torch'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
