"""Which networks the figure of the hierarchy shows, and where each stands in its cube."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from layeratlas.infinite_width.bounds import balanced_bound
from layeratlas.papers.given import Cubes
from layeratlas.papers.signal_propagation.networks import Network, networks
from layeratlas.papers.signal_propagation.profiles import INIT, MARK, VIEW, came

__all__ = [
    "BOUND",
    "EXPERIMENTS",
    "Panel",
    "Reading",
    "given",
    "main_record",
    "records",
    "shown",
]

#: Experiments of the figure; of those of perceptrons two depths are drawn, of others the deepest.
EXPERIMENTS = (
    "alignment_fashion_mnist",
    "alignment_mnist",
    "alignment_vgg",
    "alignment_resnet",
)
#: Depths of perceptrons that are drawn, where the grid has them.
_DRAWN = (10, 20)
_LATER = ("mark_0.02", "final")


#: 1/√(C(C − 1)), which no A_L of balanced classes is above (§3.4); all data sets have ten classes.
BOUND = balanced_bound(10)


@dataclass(frozen=True)
class Panel:
    """A network of an experiment that is drawn."""

    experiment: str
    point: Mapping[str, Any]
    title: str


def given(cubes: Cubes) -> list[str]:
    """Experiments of the figure that there are cubes of."""
    return [name for name in EXPERIMENTS if name in cubes]


def shown(cubes: Cubes) -> list[Panel]:
    """The panels of the figure, perceptrons first."""
    found = []
    for name in given(cubes):
        every = networks(cubes[name], name, equilibria=False)
        if every[0].family == "MLP":
            drawn = [n for n in every if n.layers in _DRAWN] or every
            chosen = drawn[-2:] if len(drawn) > 1 else every[-2:]
        else:
            chosen = every[-1:]
        found += [Panel(name, n.point, n.subject) for n in chosen]
    return found


class Reading:
    """The networks of the panels, each variable, view and record of a cube read once."""

    def __init__(self, cubes: Cubes) -> None:
        self._cubes = cubes
        self._read: dict[tuple[str, ...], list[Network]] = {}

    def network(
        self, panel: Panel, variable: str = "alignment", view: str = VIEW, record: str = MARK
    ) -> Network:
        """The network of a panel; those of the alignment on the usual view have equilibria."""
        key = (panel.experiment, variable, view, record)
        if key not in self._read:
            self._read[key] = networks(
                self._cubes[panel.experiment],
                panel.experiment,
                variable=variable,
                view=view,
                record=record,
                equilibria=(variable, view) == ("alignment", VIEW),
            )
        return next(n for n in self._read[key] if dict(n.point) == dict(panel.point))


def records(cube: xr.DataTree) -> list[str]:
    """Record points that are drawn: before training, the mark, and the last one after it."""
    labels = [str(label) for label in cube["/"].to_dataset()["label"].values]
    later = [label for label in _LATER if label in labels]
    return [label for label in (INIT, MARK) if label in labels] + later[:1]


def main_record(cube: xr.DataTree, panel: Panel) -> str:
    """The record that is judged: the mark, or, where no run of this network came there, the end."""
    kept = records(cube)
    if MARK not in kept or (kept[-1] != MARK and not _any(cube, panel, MARK)):
        return kept[-1]
    return MARK


def _any(cube: xr.DataTree, panel: Panel, record: str) -> bool:
    there = came(cube, record)
    return bool(there.sel({k: v for k, v in panel.point.items() if k in there.dims}).any())
