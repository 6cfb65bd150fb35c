"""A loss is tried on a few numbers: what is no loss is told in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.errors import ConfigError
from layeratlas.losses import proving
from layeratlas.losses.base import Loss
from layeratlas.losses.registry import LOSSES, LossEntry


class Absolute(Loss):
    def value(self, outputs, targets):
        return abs(outputs - targets).sum(-1)

    def gradient(self, outputs, targets):
        return np.sign(outputs - targets)


class Summed(Absolute):
    def value(self, outputs, targets):
        return abs(outputs - targets).sum((1, 2))


class Halved(Absolute):
    def gradient(self, outputs, targets):
        return np.sign(outputs - targets) / 2


class Infinite(Absolute):
    def value(self, outputs, targets):
        return super().value(outputs, targets) + np.inf


class Narrow(Absolute):
    def gradient(self, outputs, targets):
        return np.sign(outputs - targets).sum(-1)


def proved(found, monkeypatch, kind="vectors"):
    monkeypatch.setattr(proving, "resolve", lambda code: found)
    proving.prove(LossEntry("mine", "extensions.mine:Mine", (kind,)), {})


@pytest.mark.parametrize("name", LOSSES)
def test_our_own_are_losses(name):
    proving.prove(LOSSES[name], {})


def test_a_loss_is_a_loss(monkeypatch):
    proved(Absolute, monkeypatch)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Summed, r"value gives shape \(2,\) of outputs \(2, 5, 3\) and vectors; .*, \(2, 5\)"),
        (Halved, "gradient is not the derivative of value: on random outputs they differ by up to"),
        (Infinite, "value gives numbers that are not finite"),
        (Narrow, r"gradient gives shape \(2, 5\) of outputs"),
        (dict, "expected a class that is a layeratlas.losses.base.Loss"),
        (lambda: 1 / 0, "ZeroDivisionError on outputs"),
    ],
)
def test_what_is_no_loss_is_refused_in_a_sentence(monkeypatch, found, told):
    with pytest.raises(ConfigError, match=told) as refused:
        proved(found, monkeypatch)
    assert str(refused.value).startswith("loss 'mine' (extensions.mine:Mine): ")
    assert len(str(refused.value)) <= 300
