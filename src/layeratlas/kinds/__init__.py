"""Kinds of experiments. A new kind is one module with a `Kind`, one entry here, and one rule."""

from __future__ import annotations

from layeratlas.kinds.base import Kind
from layeratlas.kinds.fit import FIT
from layeratlas.kinds.probe import PROBE
from layeratlas.kinds.reduction import REDUCTION
from layeratlas.kinds.simulation import SIMULATION
from layeratlas.kinds.training import TRAINING

KINDS: dict[str, Kind] = {kind.name: kind for kind in (TRAINING, PROBE, SIMULATION, FIT, REDUCTION)}

__all__ = ["KINDS", "Kind"]
