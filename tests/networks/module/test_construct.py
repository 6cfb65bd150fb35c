"""Making a user's module: what it is given, its seed, and what cannot be made."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from layeratlas.errors import ConfigError
from layeratlas.networks.module.construct import construct, seeded

LINEAR = "from torch import nn\nclass Net(nn.Linear):\n    pass\n"


def made(reference, **settings):
    return construct(reference, settings, (3, 4), 5, 1)


def test_a_constructor_is_given_what_it_takes():
    module = made("made.modules:Given", width=7)
    assert module.given == ((3, 4), 5, 7)
    assert made("made.modules:Given", width=7, n_outputs=2).given == ((3, 4), 2, 7)
    assert made("torch.nn:Linear", in_features=3, out_features=2).out_features == 2


def test_every_generator_that_a_reset_may_use_is_the_seeds_and_then_as_before():
    drawn = []
    before = random.getstate(), torch.get_rng_state(), np.random.get_state()[1].copy()
    for seed in (1, 1, 2):
        with seeded(seed):
            drawn.append((random.random(), float(torch.rand(())), float(np.random.rand())))
    assert drawn[0] == drawn[1]
    assert not set(drawn[0]) & set(drawn[2])
    assert random.getstate() == before[0]
    assert torch.equal(torch.get_rng_state(), before[1])
    assert (np.random.get_state()[1] == before[2]).all()


@pytest.mark.parametrize(
    ("reference", "settings", "told"),
    [
        ("made.nowhere:Net", {}, "no module made.nowhere"),
        ("made.zoo:Nett", {}, "made.zoo has no 'Nett'"),
        ("made.zoo:torch", {}, "is a module; name a class"),
        ("made.modules:SHAPE", {}, "is a tuple; name a class"),
        ("made.zoo:VGG", {"widht": 3}, "takes no widht; it takes: cfg, num_classes, dropout"),
        ("made.zoo:VGG", {"cfg": 3}, r"cannot be made: TypeError: .*\(line \d+ of zoo.py\)"),
        ("made.modules:family_of", {"name": "ResNet"}, "gives a ModuleFamily, not a torch.nn"),
    ],
)
def test_what_cannot_be_made_is_told_in_a_sentence(reference, settings, told):
    with pytest.raises(ConfigError, match=told) as refusal:
        made(reference, **settings)
    assert str(refusal.value).startswith(("model.from: ", "model.settings: "))
    assert len(str(refusal.value)) <= 380


def test_a_file_that_cannot_be_run_is_named_with_its_line(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERATLAS_BASE", str(tmp_path))
    (tmp_path / "mod_broken.py").write_text(LINEAR + "1 / 0\n")
    (tmp_path / "mod_whole.py").write_text(LINEAR)
    with pytest.raises(ConfigError, match=r"mod_broken.py, line 4 .*ZeroDivisionError"):
        made("mod_broken.py:Net")
    given = {"in_features": 2, "out_features": 1}
    assert made("mod_whole.py:Net", **given).weight.shape == (1, 2)
