"""What a signal is: its function, what that takes, and how its values come. Light to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["GIVEN", "LARGEST_KERNEL", "Of", "Signal"]

Of = Literal["network", "layer", "affine"]

GIVEN = ("network", "view", "batch")
"""What every signal is made of in the end."""


LARGEST_KERNEL = 2**32
"""Bytes of a kernel of all outputs and images that may be kept whole."""


@dataclass(frozen=True)
class Signal:
    """One intermediate that metrics share.

    `uses` names code beyond the family's own that runs for it: its differentiable `forward`, the
    `start` that training began with. `alone`: its network is a single one. `evaluation`: it is of
    networks in evaluation mode. `first_images`: where a file asks by `batch_norm_modes`, it sees
    `measure.step_images` images. `at_start`: it needs the weights before training, `at_previous`:
    those of the record before. `targets`: the kind, or kinds, of the data set's that it can take;
    by default all. `images`, `maps`: the fewest images of a view, and affine maps of a network,
    that it is of. `whole`: it keeps a kernel of all outputs and images of a network. `holds` is the
    most of an image that is there at once (`Network.batch_size`).
    """

    name: str
    function: str
    needs: tuple[str, ...] = ("network", "batch")
    of: Of = "network"
    sums: bool = False
    uses: tuple[Literal["forward", "start"], ...] = ()
    alone: bool = False
    evaluation: bool = False
    first_images: bool = False
    at_start: bool = False
    at_previous: bool = False
    targets: str | tuple[str, ...] | None = None
    images: int = 1
    maps: int = 0
    whole: bool = False
    holds: Literal["features", "graph", "jacobian"] = "features"
    description: str = ""

    @property
    def kinds(self) -> tuple[str, ...] | None:
        """Kinds of targets that it can take; None: all."""
        return (self.targets,) if isinstance(self.targets, str) else self.targets
