"""config/config.yaml and `--config`: what is taken and what is refused, each by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from made.refused import refusal

from layeratlas.config.workflow import COMMAND_LINE, load_workflow_config, workflow_config

# What a command line gives once Snakemake has parsed it.
GIVEN = [
    ({"presett": "smoke"}, "presett: unknown key; did you mean 'preset'? known: "),
    ({"x" * 5000: 1}, "unknown key; known: atlas, authors, cache_dir, data_dir, device, "),
    ({"a": {"b": 1}}, "a: unknown key; known: "),
    ({"preset": "huge"}, "preset: input should be 'smoke', 'laptop' or 'paper'; got 'huge'"),
    ({"preset": None}, "preset: input should be 'smoke', 'laptop' or 'paper'; got None"),
    ({"preset": ["smoke"]}, "preset: input should be 'smoke', 'laptop' or 'paper'; got ['smoke']"),
    ({"preset": 5}, "preset: input should be 'smoke', 'laptop' or 'paper'; got 5"),
    ({"preset": "smoke\x1b[31m"}, r"preset: input should be 'smoke', 'laptop' or 'paper'; got 'sm"),
    ({"preset": "x" * 100_000}, "preset: input should be 'smoke', 'laptop' or 'paper'; got 'xxx"),
    ({"device": "gpu"}, "device: input should be 'auto', 'cpu' or 'cuda'; got 'gpu'"),
    ({"device": None}, "device: input should be 'auto', 'cpu' or 'cuda'; got None"),
    ({"device": "cuda:0"}, "device: input should be 'auto', 'cpu' or 'cuda'; got 'cuda:0'"),
    ({"save_every": 0}, "save_every: input should be greater than 0; got 0"),
    ({"save_every": -1}, "save_every: input should be greater than 0; got -1"),
    ({"save_every": 1e300}, "save_every: input should be less than or equal to 1e+06; got 1e+300"),
    ({"save_every": True}, "save_every: input should be a valid number; got True"),
    ({"save_every": "5 s"}, "save_every: input should be a valid number; got '5 s'"),
    ({"save_every": None}, "save_every: input should be a valid number; got None"),
    ({"save_every": [5]}, "save_every: input should be a valid number; got [5]"),
    ({"save_every": float("nan")}, "save_every: input should be a finite number; got nan"),
    ({"save_every": float("inf")}, "save_every: input should be a finite number; got inf"),
    ({"download": "maybe"}, "download: input should be a valid boolean"),
    ({"download": None}, "download: input should be a valid boolean"),
    ({"download": 2}, "download: input should be a valid boolean"),
    ({"verbose": "perhaps"}, "verbose: input should be a valid boolean"),
    ({"data_dir": 7}, "data_dir: input should be a valid string; got 7"),
    ({"data_dir": False}, "data_dir: input should be a valid string; got False"),
    ({"data_dir": ["a"]}, "data_dir: input should be a valid string; got ['a']"),
    ({"data_dir": ""}, "data_dir: expected a folder, or null; got ''"),
    ({"data_dir": " "}, "data_dir: expected a folder, or null; got ' '"),
    ({"data_dir": "~nosuch"}, "data_dir: there is no such user; write the path; got '~nosuch'"),
    ({"data_dir": "$NOSUCH/data"}, "data_dir: the environment has no such variable; write the"),
    ({"data_dir": "/nowhere"}, "data_dir: there is no folder '/nowhere'; give one that is there,"),
    ({"data_dir": __file__}, "data_dir: there is no folder "),
    ({"data_dir": "a\nb"}, "data_dir: expected a path that can be shown; got "),
    ({"data_dir": "a\0b"}, "data_dir: expected a path that can be shown; got "),
    ({"data_dir": "x" * 5000}, "data_dir: expected a path that can be shown; got 'xxx"),
    ({"data_dir": "x" * 3000}, "data_dir: there is no folder 'xxx"),
    ({"atlas": 5}, "atlas: "),
    ({"atlas": {"figure": "made"}}, "atlas.figure: unknown key; did you mean 'figures'? known: "),
    ({"atlas": {"figures": 5}}, "atlas.figures: "),
    ({"atlas": {"budget_mb": 0}}, "atlas.budget_mb: input should be greater than 0; got 0"),
    ({"atlas": {"budget_mb": "5 MB"}}, "atlas.budget_mb: input should be a valid number; got '5 M"),
    ({"cache_dir": "~nosuch/x"}, "cache_dir: there is no such user; write the path; got "),
    ({"cache_dir": "${NOSUCH}"}, "cache_dir: the environment has no such variable; write the path"),
    ({"cache_dir": __file__}, "cache_dir: "),
    ({"cache_dir": __file__ + "/x"}, "cache_dir: "),
    ({"cache_dir": "x" * 3000}, "cache_dir: "),
]  # fmt: skip

FILES = [
    ("preset: smoke\npreset: paper\n", "not valid YAML: line 2: the key 'preset' appears twice"),
    ("save_every: 010\n", "not valid YAML: line 1: save_every: 010 is octal in YAML 1.1 and deci"),
    ("save_every: 1:30\n", "not valid YAML: line 1: save_every: 1:30 is a number to the base 60"),
    ("data_dir: no\n", "data_dir: there is no folder 'no'"),
    ("data_dir: 2026-01-01\n", "data_dir: there is no folder '2026-01-01'"),
    ("__use_yte__: true\n", "__use_yte__: unknown key"),
    ("? import os\n: 1\n", "import os: unknown key"),
    ("preset: !!python/name:os.system\n", "not valid YAML: line 1: preset: the tag "),
    ("a: &a [*a]\n", "not valid YAML: line 1: a[0]: an alias inside what it stands for"),
    ("", "expected a mapping of settings, got NoneType"),
    ("smoke\n", "expected a mapping of settings, got str"),
    ("1: smoke\n", "not valid YAML: line 1: the key 1 is no text"),
    ("[" * 200_000, "has 200000 bytes; at most "),
    ("[" * 100_000, "nested deeper than 16 levels"),
    ("preset: huge\n", "preset: input should be 'smoke', 'laptop' or 'paper'; got 'huge'"),
    ("save_every: .inf\n", "save_every: input should be a finite number; got inf"),
]


@pytest.mark.parametrize(("given", "told"), GIVEN, ids=lambda value: repr(value)[:40])
def test_what_a_command_line_gives_is_refused(given, told):
    message = refusal(lambda: workflow_config([], given))
    assert message.startswith(f"{COMMAND_LINE}: ") and told in message


@pytest.mark.parametrize(("content", "told"), FILES, ids=lambda value: repr(value)[:40])
def test_files_are_refused_though_the_command_line_says_otherwise(tmp_path, content, told):
    path = tmp_path / "config.yaml"
    path.write_text(content)
    right = {"preset": "smoke", "save_every": 30, "device": "cpu"}
    message = refusal(lambda: workflow_config([path], right))
    assert message.startswith(str(path)) and told in message


def test_a_pipe_is_waited_for_by_nobody(tmp_path):
    os.mkfifo(tmp_path / "config.yaml")
    message = refusal(lambda: workflow_config([tmp_path / "config.yaml"], {}))
    assert message == f"{tmp_path / 'config.yaml'}: is no regular file"


def test_later_files_and_then_the_command_line(tmp_path):
    for name, content in (("a", "preset: paper\nsave_every: 1e2\n"), ("b", "{verbose: no}")):
        (tmp_path / f"{name}.yaml").write_text(content)
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    found = workflow_config(files, {"preset": "smoke", "download": "false"})
    assert (found.preset, found.save_every) == ("smoke", 100.0)
    assert (found.verbose, found.download) == (False, False)
    # Within a mapping it gives text, of numbers too.
    found = workflow_config(files, {"atlas": {"figures": ["sharpness"], "budget_mb": "8"}})
    assert (found.atlas.figures, found.atlas.budget_mb) == (("sharpness",), 8.0)


@pytest.mark.parametrize("null", ["null", "Null", "NULL", "~", None])
def test_null_is_no_folder_however_it_comes(null):
    found = workflow_config([], {"data_dir": null, "cache_dir": null})
    assert (found.data_dir, found.cache_dir) == (None, None)


def test_folders_that_are_there_and_a_cache_that_is_to_be(tmp_path):
    found = workflow_config([], {"data_dir": str(tmp_path), "cache_dir": str(tmp_path / "new")})
    assert (found.data_dir, found.cache_dir) == (str(tmp_path), str(tmp_path / "new"))
    assert workflow_config([], {"data_dir": "~"}).data_dir is None
    assert workflow_config([], {"data_dir": "~/"}).data_dir == str(Path.home())


def test_a_job_takes_what_was_put_together():
    given = load_workflow_config({"download": "false", "verbose": "no", "save_every": 5}, "x")
    assert (given.download, given.verbose, given.save_every) == (False, False, 5.0)


def test_home_and_variables_are_replaced(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WHERE", str(tmp_path))
    for given in ("~/data", "$WHERE/data", "${WHERE}/data"):
        assert workflow_config([], {"data_dir": given}).data_dir == str(tmp_path / "data")
