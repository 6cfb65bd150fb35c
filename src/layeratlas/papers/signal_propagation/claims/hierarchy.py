"""Claims on the alignment hierarchy.

Thresholds are those of the project's specification of the paper (§2.5, §3.4, §5, F1). Controls: the
same rule on the profiles before training, and labels permuted over the same kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes import selecting
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation import panels
from layeratlas.papers.signal_propagation.networks import DEEP, Network, networks
from layeratlas.papers.signal_propagation.profiles import INIT, MARK
from layeratlas.papers.signal_propagation.shape import LEAST_SEEDS, PROMINENCE, UNIMODAL_P
from layeratlas.papers.signal_propagation.source import PUBLISHED

#: Every number that decides a claim, besides those of the rule in `shape`.
THRESHOLD = SimpleNamespace(
    over_null=5.0,
    round_off=1e-5,  # cubes hold single precision
    accuracy=0.80,  # Fashion-MNIST, L = 10
)
#: What the accuracy is asked of.
_TASK, _DEPTH = "Fashion-MNIST", 10

_Value = Callable[[], tuple[float, int, str]]


def alignment_hierarchy(cubes: Cubes, references: References) -> list[Claim]:
    """Alignment rises and then falls with the layer; it is learnt, and it is about the labels."""
    ledger = Ledger(
        "alignment_hierarchy",
        f"{PUBLISHED}, abstract: ascent-descent; rule, bound and thresholds: specification §2.5, "
        "§3.4, §5",
    )
    for name in panels.given(cubes):
        cube = cubes[name]
        read = {
            (variable, view, record): networks(
                cube, name, variable=variable, view=view, record=record, equilibria=False
            )
            for variable, view, record in (
                ("alignment", "train", MARK),
                ("alignment", "test", MARK),
                ("alignment", "train", INIT),
                ("alignment_null", "train", MARK),
            )
        }
        for i, network in enumerate(read["alignment", "train", MARK]):
            others = {key: found[i] for key, found in read.items()}
            _of_network(ledger, network, others)
            _accuracy(ledger, cube, network)
    return ledger.claims


def _of_network(ledger: Ledger, network: Network, read: dict[tuple, Network]) -> None:
    trained, test = read["alignment", "train", MARK], read["alignment", "test", MARK]
    start, null = read["alignment", "train", INIT], read["alignment_null", "train", MARK]
    for view, found in (("train", trained), ("test", test)):
        _present(ledger, found, view)
    lost = _undecided(trained, least=1)
    shape = trained.shape

    def height() -> tuple[float, int, str]:
        at = int(shape.peak) - 1
        ratio = float((trained.profiles / null.profiles).isel(layer=at).mean())
        return ratio, shape.seeds, f"layer {shape.peak:g}, mean over seeds"

    ledger.decide(
        "over_null",
        network.subject,
        "at the peak, A_l over its mean under permuted labels (exact, of the same kernels)",
        ">=",
        THRESHOLD.over_null,
        height,
        unless=lost,
    )

    def rise() -> tuple[float, int, str]:
        change = (trained.profiles - start.profiles).mean("seed")
        at = int(change.values.argmin()) + 1
        return float(change.min()), shape.seeds, f"least at layer {at} of {change.size}"

    ledger.decide(
        "rises_everywhere",
        network.subject,
        "smallest over layers of A_l at the mark less A_l before training",
        ">",
        0.0,
        rise,
        unless=lost,
    )
    ledger.decide(
        "read_out_bound",
        network.subject,
        f"largest A_L less its bound 1/√(C(C−1)) = {panels.BOUND:.4f}, all runs and views",
        "<=",
        THRESHOLD.round_off,
        lambda: _read_out([trained, test, start]),
        unless=lost,
    )
    _initial(ledger, start)


def _present(ledger: Ledger, found: Network, view: str) -> None:
    """Ascent-descent by the rule of §2.5: its three numbers, one claim each."""
    few = _undecided(found)
    if few is None and found.layers < DEEP:
        few = f"L < {DEEP}: the input layer may win where inputs are nearly linearly separable"
    shape, subject = found.shape, f"{found.subject}, {view} images"

    def told(value: Callable[[], float]) -> _Value:
        return lambda: (value(), shape.seeds, f"{shape.told}; presence: {shape.presence}")

    ledger.decide(
        f"ascent_descent_{view}",
        subject,
        "ascent-descent by the rule (peak strictly inside, prominence of at least "
        f"{PROMINENCE:g}, every seed at the peak of the others): 1 where present, 0 where not",
        "==",
        1.0,
        told(lambda: float(shape.presence == "present")),
        unless=few,
    )
    ledger.decide(
        f"single_peaked_{view}",
        subject,
        "share of noise profiles, smooth as the seeds' deviations, whose rise-then-fall fit is as "
        "good (R² itself is told, never judged)",
        "<=",
        UNIMODAL_P,
        told(lambda: shape.unimodal_p),
        unless=few,
    )


def _initial(ledger: Ledger, start: Network) -> None:
    """The control: before training the same rule must not find a hierarchy."""
    shape = start.shape
    ledger.decide(
        "initial_without",
        start.subject,
        "control: before training the rule of ascent-descent finds none: 1 where present",
        "==",
        0.0,
        lambda: (float(shape.presence == "present"), shape.seeds, shape.told),
        unless=_undecided(start),
    )


def _read_out(found: list[Network]) -> tuple[float, int, str]:
    ends = np.array([n.profiles.isel(layer=-1).values for n in found])
    known = np.isfinite(ends)
    largest = ends[known].max()
    note = f"largest A_L {largest:.4f} of {known.sum()}"
    return float(largest - panels.BOUND), int(known.any(0).sum()), note


def _accuracy(ledger: Ledger, cube: xr.DataTree, network: Network) -> None:
    """So that what is aligned has learnt something: test accuracy at the mark."""
    if (network.task, network.layers, network.family) != (_TASK, _DEPTH, "MLP"):
        return

    def value() -> tuple[float, int, str]:
        accuracy = selecting.accuracy(cube, record=MARK) / 100
        accuracy = accuracy.sel({k: v for k, v in network.point.items() if k in accuracy.dims})
        accuracy = accuracy.where(np.isfinite(network.profiles.isel(layer=0, drop=True)))
        known = accuracy.values[np.isfinite(accuracy.values)]
        return float(known.mean()), known.size, f"mean over seeds; least {known.min():.3f}"

    ledger.decide(
        "accuracy",
        network.subject,
        "test accuracy at the mark",
        ">=",
        THRESHOLD.accuracy,
        value,
        unless=_undecided(network, least=1),
    )


def _undecided(network: Network, least: int = LEAST_SEEDS) -> str | None:
    """Why the seeds that came to the record point cannot decide; None where they can."""
    if network.shape.seeds >= least:
        return None
    if not network.shape.seeds:
        return "no run came to the record point"
    return f"undecided: {network.shape.seeds} seeds, of which the rule needs {least}"
