"""The table of signals: what metrics may need, and what that is made of. Light to import.

A signal names what its function takes, in order: other signals, or `network`
(`layeratlas.signals.network.Network`), `view` and `batch` (`layeratlas.signals.views.Seen`: all its
images, or those at hand), with which everything begins. It is `of` the network, of each layer,
or of each affine map. Its function is called for each layer (map) with that layer's own values;
where nothing that it takes is of layers, it is called once and gives all of them in order.

What depends on `batch` exists a batch of images at a time. A signal with `sums` is the sum over
batches of what its function gives, an array or a tuple of arrays, and so exists for the whole view;
what needs it is computed in another pass over the images. So memory is bounded for every metric
that needs no signal of single images itself. Sums over several batches are kept in float64.

    SIGNALS.add(Signal("second_moment", "my_file:second_moment", ("features",), "layer", sums=True))
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from layeratlas.signals.listed import LISTED
from layeratlas.signals.signal import GIVEN, Of, Signal
from layeratlas.tables import Table

__all__ = ["GIVEN", "SIGNALS", "Of", "Signal", "used"]

SIGNALS: Table[Signal] = Table("signal")
for _signal in LISTED:
    SIGNALS.add(_signal)


def used(needs: Iterable[str]) -> dict[str, Signal]:
    """The signals that are needed, directly or by others; KeyError for one that is in no table."""
    return dict(_used(tuple(needs), len(SIGNALS)))


@functools.cache
def _used(needs: tuple[str, ...], known: int) -> dict[str, Signal]:
    """Asked of every run of a grid; `known` is how many signals there are, which users add to."""
    found: dict[str, Signal] = {}

    def visit(names: Iterable[str]) -> None:
        for name in names:
            if name not in GIVEN and name not in found:
                signal = SIGNALS[name]
                visit(signal.needs)
                found[name] = signal

    visit(needs)
    return found
