"""Where members start and how fast each tensor learns: the family's own way, or a scaling's."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

import numpy as np

from layeratlas.networks.base import Family
from layeratlas.runs.plan import ShardPlan


class Start(Protocol):
    """Initial weights and relative learning rates of a plan's members, by position in the plan."""

    def weights(self, members) -> tuple[np.ndarray, np.ndarray]:
        """Initial `(theta, statistics)`, float64, `(member, width)` each."""

    def rates(self, members) -> np.ndarray:
        """η, what the master step is multiplied by, `(member, tensor)`; 0 freezes a tensor."""


class PlainStart:
    """The family's own initial weights, and one learning rate for all tensors."""

    def __init__(self, plan: ShardPlan, family: Family):
        self._plan, self._family = plan, family

    def weights(self, members) -> tuple[np.ndarray, np.ndarray]:
        return self._family.initialize([int(self._plan.members["seed"][i]) for i in members])

    def rates(self, members) -> np.ndarray:
        return np.ones((len(members), len(self._family.parameters.tensors)))


def start_of(plan: ShardPlan, family: Family, images: np.ndarray, targets: np.ndarray) -> Start:
    """The start of a plan's members; training images `(sample, feature)` and their targets."""
    if "scaling" not in plan.shared:
        return PlainStart(plan, family)
    # Found by name: a training without a scaling does not repeat when tables or probes change.
    return import_module("layeratlas.engine.scaled_start").ScaledStart(
        plan, family, images, targets
    )
