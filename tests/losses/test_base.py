"""What follows from a value: gradient, kernels, predictions; and tokens, position by position."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from array_api_compat import array_namespace
from hypothesis import given
from hypothesis import strategies as st
from made.kernels import DTYPES, SEEDS, SHAPES, again
from made.losses import check_loss

from layeratlas.backends.cpu import CpuBackend
from layeratlas.losses.base import Loss, are_numbers, by_position
from layeratlas.losses.cross_entropy import CrossEntropy
from layeratlas.losses.logistic import Logistic


class Huber(Loss):
    """The example of `layeratlas.losses.base`, without its gradient."""

    def __init__(self, delta: float = 0.7):
        self.delta = delta

    def value(self, outputs, targets):
        xp, d = array_namespace(outputs), self.delta
        r = xp.abs(outputs - targets)
        return xp.sum(xp.where(r > d, d * (r - d / 2), r**2 / 2), axis=-1)


class HuberWithGradient(Huber):
    def gradient(self, outputs, targets):
        return array_namespace(outputs).clip(outputs - targets, -self.delta, self.delta)


def naive(f, y):
    return torch.nn.functional.huber_loss(f, y.double(), reduction="sum", delta=0.7) / len(f)


@DTYPES
@pytest.mark.parametrize("loss", [Huber(), HuberWithGradient()])
@again
@given(shape=SHAPES, seed=SEEDS, spread=st.sampled_from([1.0, 30.0]))
def test_a_value_is_all_that_a_loss_needs(twins, loss, dtype, shape, seed, spread):
    check_loss(loss, naive, twins, dtype, shape, seed, spread, "numbers")


def test_a_members_bits_do_not_depend_on_its_neighbours():
    rng, backend = np.random.default_rng(0), CpuBackend("float32")
    given_ = [rng.normal(size=s).astype("f4") for s in ((5, 333, 1), (5, 1), (5, 333, 1))]
    rest = np.zeros(5), np.zeros((5, 1), "f4")
    kernel = Logistic().gradient_kernel(backend)

    def after(chosen):
        outputs, bias, targets = (a[chosen].copy() for a in given_)
        loss, dbias = (a[chosen].copy() for a in rest)
        kernel(outputs, bias, targets, loss, dbias)
        return outputs, loss, dbias

    together = after(slice(None))
    for e in range(5):
        for whole, alone in zip(together, after(slice(e, e + 1)), strict=True):
            np.testing.assert_array_equal(whole[e : e + 1], alone)


@given(seed=SEEDS, flat=st.booleans())
def test_every_position_of_tokens_is_a_sample(seed, flat):
    rng, loss = np.random.default_rng(seed), CrossEntropy()
    outputs, tokens = rng.normal(size=(2, 3, 4, 5)), rng.integers(5, size=(2, 3, 4))
    given_ = outputs.reshape(2, 3, 20) if flat else outputs
    of_torch = torch.nn.functional.cross_entropy
    each = [
        of_torch(torch.as_tensor(outputs[e, i]), torch.as_tensor(tokens[e, i]))
        for e in range(2)
        for i in range(3)
    ]
    expected = np.array(each, float).reshape(2, 3).mean(1)
    mean = loss.mean(torch.as_tensor(given_), torch.as_tensor(tokens))
    np.testing.assert_allclose(mean, expected, rtol=1e-12)
    np.testing.assert_allclose(loss.evaluate(given_[:1], tokens[0]), expected[:1], rtol=1e-12)
    z, y = by_position(given_, tokens)
    assert loss.prediction(z, y).tolist() == outputs.argmax(-1).reshape(2, 12).tolist()


@pytest.mark.parametrize("of", [np.asarray, torch.as_tensor])
def test_predictions_are_classes_numbers_or_signs(of):
    loss, signs = CrossEntropy(), Logistic()
    outputs, classes = of(np.array([[[0.1, -2.0], [-3.0, 4.0]]])), of(np.array([[0, 0]]))
    numbers = of(np.ones((1, 2, 2)))
    assert are_numbers(numbers) and not are_numbers(classes)
    assert loss.prediction(outputs, classes).tolist() == [[0, 1]]
    assert loss.prediction(outputs[..., :1], classes).tolist() == [[1, 0]]
    assert loss.prediction(outputs, numbers) is outputs
    assert signs.prediction(outputs, numbers).tolist() == [[[1, -1], [-1, 1]]]


def test_a_loss_without_a_value_says_so():
    with pytest.raises(NotImplementedError, match="Loss has no value"):
        Loss().value(np.zeros((1, 1, 1)), np.zeros((1, 1), int))
