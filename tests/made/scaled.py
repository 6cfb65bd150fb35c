"""Plans under a scaling, and where their members start."""

from __future__ import annotations

import dataclasses

import pytest

from layeratlas.engine.start import start_of
from layeratlas.networks.registry import create_family

IMAGES = (50, 7)
RESNET = {"family": "residual_mlp", "branch_scale": 0.5}
GD = {"optimizer": "sgd", "epochs": 3}


@pytest.fixture
def data(clouds):
    return clouds(*IMAGES)


def scaled(plan, name, **more):
    """The plan under a scaling; a model of another family may come along."""
    model = {**plan.shared["model"], **more.pop("model", {})}
    section = {"setting": "dense", "calibration_images": 16} | more
    names = (name,) * plan.size if isinstance(name, str) else tuple(name)
    return dataclasses.replace(
        plan,
        shared={**plan.shared, "model": model, "scaling": section},
        members={**plan.members, "scaling": names},
    )


def start(plan, data):
    family = create_family(plan.shared["model"], (IMAGES[1],), 3)
    return family, start_of(plan, family, *data)
