"""A module's text is part of a run's identity, its comments are not."""

from __future__ import annotations

import pytest

from layeratlas.errors import ConfigError
from layeratlas.kinds.training import TrainingRun
from layeratlas.networks.module.identity import source_of
from layeratlas.networks.module.settings import ModuleSettings

NET = "from torch import nn\n\n\nclass Net(nn.Linear):\n    pass\n"


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERATLAS_BASE", str(tmp_path))
    (tmp_path / "my_net.py").write_text(NET)
    return tmp_path / "my_net.py"


def settings(**changes):
    return ModuleSettings(**{"from": "my_net.py:Net"} | changes)


def test_the_text_counts_and_comments_do_not(net):
    first = source_of(settings())
    net.write_text("# changed\n" + NET)
    assert source_of(settings()) == first
    net.write_text(NET.replace("pass", "more = 1"))
    assert source_of(settings()) != first


def test_it_is_in_the_settings_of_a_run(net):
    run = TrainingRun(
        dataset={"source": "mnist_5k", "n_train": 100, "size": 8},
        model={"family": "module", "from": "my_net.py:Net", "settings": {"width": 3}},
    )
    plain = run.canonical()["model"]
    assert plain["source"] == source_of(settings())
    assert plain["settings"] == {"width": 3}


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("other.py:Net", "no file other.py"),
        ("my_net.py:Nett", "my_net.py has no 'Nett'; did you mean 'Net'"),
        ("../my_net.py:Net", "inside the working folder"),
    ],
)
def test_what_is_not_there_is_told(net, reference, told):
    with pytest.raises(ConfigError, match=f"^model.from: .*{told}"):
        source_of(settings(**{"from": reference}))
