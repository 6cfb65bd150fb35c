"""Every family is found by name, with its forward."""

from __future__ import annotations

import pytest

from layeratlas.networks.registry import (
    FAMILIES,
    FORWARDS,
    create_family,
    load_forward,
    needs_torch,
)
from layeratlas.networks.settings import CNNSettings, MLPSettings, ResNetSettings


def test_every_family_has_a_forward_and_says_what_it_runs_on():
    assert set(FORWARDS) == set(FAMILIES)
    assert {name: needs_torch({"family": name}) for name in FAMILIES} == {
        "mlp": False,
        "resnet": False,
        "cnn": True,
    }
    assert all(callable(load_forward(name)) for name in FORWARDS)


@pytest.mark.parametrize("settings", [MLPSettings(depth=3), ResNetSettings(depth=4), CNNSettings()])
def test_resolved_settings_make_their_family(settings):
    resolved = settings.model_dump()
    if settings.family == "resnet":
        resolved["branch_scale"] = settings.resolved_branch_scale
    family = create_family(resolved, (3, 4, 4), 5)
    assert type(family).__module__ == FAMILIES[settings.family].partition(":")[0]
    assert load_forward(settings.family).__module__ == FORWARDS[settings.family].partition(":")[0]
    assert family.layer_sizes[0] == 3 * 4 * 4 and family.layer_sizes[-1] == 5
    assert len(family.layer_names) == len(family.layer_sizes) == settings.depth + 1
