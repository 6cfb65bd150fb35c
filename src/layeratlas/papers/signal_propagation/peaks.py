"""Which networks the table of peaks lists, and at which record each is read."""

from __future__ import annotations

from dataclasses import dataclass

from layeratlas.papers.given import Cubes
from layeratlas.papers.signal_propagation.networks import Network, networks
from layeratlas.papers.signal_propagation.panels import records
from layeratlas.papers.signal_propagation.profiles import MARK

__all__ = ["EXPERIMENTS", "Judged", "given", "groups"]

#: Data sets of perceptrons, then architectures.
EXPERIMENTS = (
    "alignment_fashion_mnist",
    "alignment_mnist",
    "alignment_cifar10",
    "alignment_vgg",
    "alignment_resnet",
)


@dataclass(frozen=True)
class Judged:
    """A network at the mark, or, where no run of it came there, at the last record (`at_mark`)."""

    network: Network
    at_mark: bool


def given(cubes: Cubes) -> list[str]:
    """Experiments of the table that there are cubes of."""
    return [name for name in EXPERIMENTS if name in cubes]


def groups(cubes: Cubes) -> list[list[Judged]]:
    """The networks of each experiment, shallow ones first."""
    found = []
    for name in given(cubes):
        cube = cubes[name]
        last = records(cube)[-1]
        marked = networks(cube, name, record=MARK)
        ended = networks(cube, name, record=last) if last != MARK else marked
        found.append(
            [
                Judged(one, True) if one.shape.seeds else Judged(other, False)
                for one, other in zip(marked, ended, strict=True)
            ]
        )
    return found
