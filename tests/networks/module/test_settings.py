"""Settings of a module."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layeratlas.networks.module.settings import ModuleSettings


def test_a_reference_names_a_place_and_a_class():
    assert getattr(ModuleSettings(**{"from": "nets/my_net.py:Net"}), "from") == "nets/my_net.py:Net"
    for wrong in ("my_net.py", ":Net", "my_net.py:", "my_net.py:a b"):
        with pytest.raises(ValidationError, match="name a file and a class"):
            ModuleSettings(**{"from": wrong})


def test_what_only_the_module_knows_is_not_told():
    model = ModuleSettings(**{"from": "a.b:Net"})
    assert model.depth is None
    assert model.batch_norm is None
    assert model.n_weights(1, 8, 10) == model.n_features(1, 8) == 0
    assert model.model_dump() == {
        "from": "a.b:Net", "family": "module", "settings": {}, "layers": None,
        "initialization": "own", "initialization_settings": {},
    }  # fmt: skip


def test_a_law_is_one_of_the_table_with_settings_of_its_own():
    given = {"from": "a.b:Net", "initialization": "mean_field"}
    model = ModuleSettings(**given, initialization_settings={"weight_std": 1.5})
    assert model.initialization_settings == {"weight_std": 1.5}
    for wrong, told in (
        ({"initialization": "mean_feeld"}, "did you mean 'mean_field'"),
        ({"initialization_settings": {"gain": 2.0}}, "unknown setting of initial law"),
        ({"initialization_settings": {"weight_std": [1.0]}}, "a number for all maps"),
        ({"initialization": "own", "initialization_settings": {"gain": 1}}, "'own' has none"),
    ):
        with pytest.raises(ValidationError, match=told):
            ModuleSettings(**given | wrong)
