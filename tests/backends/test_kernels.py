"""What a kernel is: compiled once, at first use, and with a twin of the same arguments."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest

from layeratlas.backends.cpu import CpuBackend
from layeratlas.backends.data import data_kernels
from layeratlas.backends.dense import dense_kernels
from layeratlas.backends.fused import data as fused_data
from layeratlas.backends.fused import dense as fused_dense
from layeratlas.backends.fused import words as fused_words
from layeratlas.backends.kernels import fused, names
from layeratlas.backends.plain import data as plain_data
from layeratlas.backends.plain import dense as plain_dense
from layeratlas.backends.plain import words as plain_words
from layeratlas.backends.torch_backend import TorchBackend


@pytest.mark.parametrize(
    ("fused_ones", "plain_ones"),
    [(fused_words, plain_words), (fused_data, plain_data), (fused_dense, plain_dense)],
    ids=["words", "data", "dense"],
)
def test_every_kernel_has_a_twin_of_the_same_arguments(fused_ones, plain_ones):
    assert names(fused_ones)
    for name in names(fused_ones):
        kernel, twin = getattr(fused_ones, name), getattr(plain_ones, name)
        expected = list(inspect.signature(kernel.function).parameters)
        assert list(inspect.signature(twin).parameters) == expected
        assert len(kernel.arguments) == len(expected)


@pytest.mark.parametrize("kernels", [data_kernels, dense_kernels])
def test_a_backend_gets_its_own_way_and_no_other(kernels):
    on_cpu, on_torch = kernels(CpuBackend("float32")), kernels(TorchBackend("cpu"))
    assert on_cpu is kernels(CpuBackend("float32")) is not kernels(CpuBackend("float64"))
    assert on_torch.__name__.startswith("layeratlas.backends.plain.")
    with pytest.raises(AttributeError, match="has no kernel 'np'"):
        _ = on_cpu.np


@fused("fx")
def double(flat, factor):
    for e in range(flat.shape[0]):
        for i in range(flat.shape[1]):
            flat[e, i] *= factor


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_kernel_is_compiled_once_for_one_signature(dtype):
    kernel = double.compiled(dtype)
    assert kernel is double.compiled(dtype)
    assert len(kernel.signatures) == 1
    values = np.arange(6.0, dtype=dtype).reshape(2, 3)
    kernel(values, 2.0)
    np.testing.assert_array_equal(values, 2 * np.arange(6.0).reshape(2, 3))
    with pytest.raises(TypeError):
        kernel(values.astype("int32"), 2.0)


def test_optimisers_and_losses_load_neither_compiler_nor_torch():
    code = (
        "import sys; from layeratlas.engine.optimizers import adam; "
        "from layeratlas.losses import cross_entropy; "
        "print([name for name in ('numba', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
