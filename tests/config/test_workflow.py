"""config/config.yaml: what is taken and what is refused."""

from __future__ import annotations

import pytest

from layeratlas.config.workflow import load_workflow_config
from layeratlas.errors import ConfigError


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"presett": "smoke"}, "presett: unknown key; did you mean 'preset'?"),
        ({"preset": "huge"}, "preset: input should be 'smoke', 'laptop' or 'paper'; got 'huge'"),
        ({"device": "gpu"}, "device: input should be 'auto', 'cpu' or 'cuda'; got 'gpu'"),
        ({"save_every": 0}, "save_every: input should be greater than 0; got 0"),
        ({"save_every": True}, "save_every: input should be a valid number; got True"),
        ({"save_every": float("nan")}, "save_every: input should be "),
        ({"download": "perhaps"}, "download: input should be a valid boolean"),
        ({"data_dir": 7}, "data_dir: input should be a valid string; got 7"),
    ],
)
def test_config_yaml_is_refused_in_words(given, told):
    with pytest.raises(ConfigError) as caught:
        load_workflow_config(given, "config/config.yaml")
    assert str(caught.value).startswith("config/config.yaml: ")
    assert told in str(caught.value)


def test_config_yaml_takes_what_a_command_line_gives():
    given = load_workflow_config({"download": "false", "verbose": "no", "save_every": 5}, "x")
    assert (given.download, given.verbose, given.save_every) == (False, False, 5.0)
