"""The four panels are those of the experiments."""

from __future__ import annotations

from pathlib import Path

from layeratlas.config.experiment import load_experiment
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
