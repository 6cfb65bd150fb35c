"""The table of metrics: name, function, meaning, what each needs and gives. Light to import.

A new metric is one function and one entry:

    METRICS.add(Metric("spread", "extensions.spread:spread", needs=("features",), gives="layer"))

Its function takes what it `needs`, signals by name in that order (`layeratlas.signals.registry`),
and gives one number for each member, `(member,)`, or, with `dims`, an array `(member, *dims)`. What
`gives` says it is of: each `layer` or `affine` map, for which it is called with that layer's
signals, or the `network`. Where none of its needs is of layers (maps), it is called once and gives
all of them in order. Metrics of a signal that is of one network `alone` have no axis of members.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from layeratlas.metrics.listed import layers, matrices, spectra, tangent, trained
from layeratlas.metrics.metric import Metric
from layeratlas.tables import Table

__all__ = ["METRICS", "Metric", "get_metric", "run_by"]

METRICS: Table[Metric] = Table("metric")
for _metric in itertools.chain(
    layers.LISTED, matrices.LISTED, spectra.LISTED, tangent.LISTED, trained.LISTED
):
    METRICS.add(_metric)


def get_metric(name: str) -> Metric:
    """The metric of that name; KeyError names the nearest one and lists all."""
    return METRICS[name]


def run_by(metrics: Iterable[Metric]) -> tuple[set[str], set[str]]:
    """Entries that these metrics run, their own and their signals', and what those use besides."""
    entries: set[str] = set()
    uses: set[str] = set()
    for metric in metrics:
        entries.add(metric.function)
        for signal in metric.signals.values():
            entries.add(signal.function)
            uses |= set(signal.uses)
    return entries, uses
