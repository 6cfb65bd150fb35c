"""Classes as numbers: one at the class, less 1/C of all, or signs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from layeratlas.losses.encoding import as_signs, encoded

LABELS = np.array([[2, 0]])


@pytest.mark.parametrize("of", [np.asarray, torch.as_tensor])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_classes_become_numbers_of_the_outputs_type(of, dtype):
    outputs = of(np.zeros((1, 2, 3), dtype))
    onehot = encoded(of(LABELS), outputs, "one_hot")
    centred = encoded(of(LABELS), outputs, "centred_one_hot")
    assert onehot.dtype == centred.dtype == as_signs(of(LABELS), outputs).dtype == outputs.dtype
    assert np.asarray(onehot).tolist() == [[[0, 0, 1], [1, 0, 0]]]
    np.testing.assert_allclose(centred, np.asarray(onehot) - 1 / 3, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(centred).sum(-1), 0, atol=1e-6)
    assert np.asarray(as_signs(of(LABELS), outputs)).tolist() == [[[-1, -1, 1], [1, -1, -1]]]


@pytest.mark.parametrize("of", [np.asarray, torch.as_tensor])
def test_of_one_output_class_1_is_positive(of):
    signs = as_signs(of(np.array([[1, 0]])), of(np.zeros((1, 2, 1))))
    assert np.asarray(signs).tolist() == [[[1], [-1]]]


def test_numbers_stay_as_they_are():
    numbers = np.ones((1, 2, 3))
    assert encoded(numbers, numbers, "centred_one_hot") is numbers
    assert as_signs(numbers, numbers) is numbers
