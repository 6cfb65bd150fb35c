"""A folder of experiments: what is one, what is a template, what nothing reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from made.refusals import GOOD

from layeratlas.config.folder import experiment_names, unread
from layeratlas.config.reading import read_yaml
from layeratlas.errors import ConfigError

EXPERIMENTS = Path(__file__).resolve().parents[2] / "config" / "experiments"


def test_names_are_sorted_and_templates_left_out(tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.yaml").write_text(GOOD)
    (tmp_path / "t.yaml").write_text("template: true\n" + GOOD)
    (tmp_path / "u.yaml").write_text("template: false\n" + GOOD)
    (tmp_path / ".#a.yaml").symlink_to("somebody@here.123")  # an editor has it open
    assert experiment_names(tmp_path, read_yaml) == ("a", "b", "u")
    assert experiment_names(tmp_path / "none", read_yaml) == ()


def test_what_nothing_reads_is_told(tmp_path):
    (tmp_path / "old").mkdir()
    for name in ("x.yaml", "x.yaml~", "x.yaml.bak", "x.json", "x", ".hidden"):
        (tmp_path / name).write_text(GOOD)
    assert unread(tmp_path) == ("old/", "x", "x.json", "x.yaml.bak", "x.yaml~")
    assert unread(tmp_path / "none") == ()
    assert unread(EXPERIMENTS) == ()


def test_a_template_is_true_or_false(tmp_path):
    """A text is true to Python: the experiment would vanish."""
    (tmp_path / "x.yaml").write_text(GOOD + 'template: "false"\n')
    with pytest.raises(ConfigError, match="template: expected true or false, got 'false'"):
        experiment_names(tmp_path, read_yaml)
