"""Which backend an experiment gets, and what it is told when it cannot have one."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.backends import available_device, base, get_backend
from layeratlas.errors import ConfigError

CUDA_ERROR = (
    "device: 'cuda' was asked for, but torch finds no CUDA GPU here; "
    "use 'auto' or 'cpu', or install a CUDA build of torch"
)


@pytest.fixture(params=["no driver", "torch without CUDA"])
def no_gpu(request, monkeypatch):
    monkeypatch.setattr(base, "has_nvidia_driver", lambda: request.param != "no driver")
    monkeypatch.setattr(base, "_torch_sees_cuda", lambda: False)


def test_asking_for_an_absent_gpu_says_what_to_do(no_gpu):
    with pytest.raises(ConfigError) as error:
        get_backend("cuda")
    assert str(error.value) == CUDA_ERROR


def test_auto_without_a_gpu_is_the_fused_cpu_backend(no_gpu):
    assert available_device("auto") == "cpu"
    backend = get_backend("auto")
    assert (backend.name, backend.device, backend.dtype) == ("cpu", "cpu", "float32")


def test_auto_with_a_gpu_is_cuda(monkeypatch):
    monkeypatch.setattr(base, "has_nvidia_driver", lambda: True)
    monkeypatch.setattr(base, "_torch_sees_cuda", lambda: True)
    assert available_device("auto") == "cuda"
    assert available_device("cpu") == "cpu"


def test_families_that_need_autograd_get_torch_on_the_cpu():
    backend = get_backend("cpu", "float64", torch=True)
    assert (backend.name, backend.device, backend.dtype) == ("torch", "cpu", "float64")


@pytest.mark.parametrize("torch", [False, True])
def test_arrays_given_to_a_backend_are_copied_in_and_out(torch):
    backend = get_backend("cpu", "float64", torch=torch)
    for given in (np.arange(6.0).reshape(2, 3), np.arange(4)):
        before = given.copy()
        inside = backend.from_numpy(given)
        inside[...] = 7
        np.testing.assert_array_equal(given, before)
        outside = backend.to_numpy(inside)
        inside[...] = 8
        assert (outside == 7).all() and outside.dtype == given.dtype


@pytest.mark.parametrize("torch", [False, True])
def test_slots_hold_one_to_eight_members_on_a_cpu(torch):
    backend = get_backend("cpu", torch=torch)
    for parameters, batch in ((100, 10), (150_000, 100), (10**8, 10**5)):
        assert 1 <= backend.slot_size(parameters, batch, 100) <= 8
