"""A reading in batches gives what one over all images gives, each signal made once a pass."""

from __future__ import annotations

import numpy as np
import pytest
from made.asked import Asked
from made.networks import random_ensemble

from layeratlas.backends import get_backend
from layeratlas.metrics import METRICS
from layeratlas.networks.mlp import MLP
from layeratlas.signals import reading
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.reading import read, streams
from layeratlas.signals.registry import SIGNALS, Signal
from layeratlas.signals.views import Seen, View

HERE = "here"
SEPARATIONS = [m for name, m in METRICS.items() if name.startswith("data_separation")]
CALLS: list[str] = []


def spread(features):
    CALLS.append("spread")
    return features.std(axis=(1, 2))


def square_sum(features):
    CALLS.append("square_sum")
    return (features**2).sum(axis=(1, 2))


def root(total, view):
    return (total / view.size) ** 0.5


def of_all_layers(network, view):
    CALLS.append("of_all_layers")
    return [np.full(network.size, layer * view.size) for layer in range(4)]


def size(network, view):
    return np.full(network.size, view.size)


@pytest.fixture
def network(make_plan):
    family = MLP(depth=3, width=6, n_features=5, n_classes=3, batch_norm=True)
    trained = Trained(make_plan(2), family, get_backend("cpu", "float64"))
    return Network(trained, np.arange(2), *random_ensemble(family, 2, 0))


@pytest.fixture
def seen(clouds):
    x, labels = clouds(n=23, d=5)
    # Sorted: the first batch lacks two of the classes.
    order = np.argsort(labels)
    return Seen(View(), x[order], labels[order])


@pytest.fixture
def squares(monkeypatch):
    """A user's sum, for the time of a test; functions of this file are found."""
    CALLS.clear()
    own, known = globals(), reading._function
    monkeypatch.setattr(
        reading, "_function", lambda name: own.get(name.removeprefix("here:")) or known(name)
    )
    signal = Signal("squares", f"{HERE}:square_sum", ("features",), "layer", sums=True)
    monkeypatch.setitem(SIGNALS._entries, "squares", signal)
    reading._level.cache_clear()
    yield
    reading._level.cache_clear()


def values(network, seen, metrics, **more):
    return {(name, at): found for name, at, found in read(network, seen, metrics, **more)}


@pytest.mark.parametrize("batch", [1, 7, 22])
def test_batches_change_nothing_but_rounding(network, seen, batch, monkeypatch):
    whole = values(network, seen, SEPARATIONS)
    monkeypatch.setattr(network, "batch_size", lambda view, holds="features": batch)
    parts = values(network, seen, SEPARATIONS)
    assert parts.keys() == whole.keys() and len(parts) == 3 * 4
    for place, expected in whole.items():
        np.testing.assert_allclose(parts[place], expected, rtol=1e-9)


def test_signals_of_single_images_see_all_of_them(network, seen, squares, monkeypatch):
    metrics = [
        Asked("spread", f"{HERE}:spread", ("features",)),
        Asked("root", f"{HERE}:root", ("squares", "view")),
        Asked("size", f"{HERE}:size", ("network", "view"), "network"),
        Asked("all", f"{HERE}:of_all_layers", ("network", "view")),
    ]
    monkeypatch.setattr(network, "batch_size", lambda view, holds="features": 10)
    found = values(network, seen, metrics)
    assert CALLS.count("spread") == 4 and CALLS.count("square_sum") == 3 * 4
    assert CALLS.count("of_all_layers") == 1
    for at, layer in enumerate(network.features(seen.x)):
        np.testing.assert_allclose(found["spread", at], layer.values.std(axis=(1, 2)))
        expected = ((layer.values**2).sum(axis=(1, 2)) / 23) ** 0.5
        np.testing.assert_allclose(found["root", at], expected)
        assert list(found["all", at]) == [23 * at] * 2
    assert list(found["size", 0]) == [23, 23]
    assert not streams(["features"]) and streams(["squares", "view"])


@pytest.mark.parametrize("batch", [5, 23])
def test_logits_are_given_once(network, seen, squares, batch, monkeypatch):
    monkeypatch.setattr(network, "batch_size", lambda view, holds="features": batch)
    metrics = [*SEPARATIONS, Asked("spread", f"{HERE}:spread", ("features",))]
    logits: list = []
    values(network, seen, metrics, logits=logits)
    assert [part.shape[1] for part in logits] == [min(batch, 23 - s) for s in range(0, 23, batch)]
    *_, last = network.features(seen.x)
    np.testing.assert_allclose(np.concatenate(logits, axis=1), last.values, rtol=1e-12)


def test_a_layer_is_let_go_when_the_next_one_comes(network, seen):
    walk = reading._Reading(network, seen, SEPARATIONS)
    for _, layer, _ in walk.at_once(None):
        of_layers = {at for name, at in walk._passing if SIGNALS[name].of == "layer"}
        assert of_layers == {layer}
