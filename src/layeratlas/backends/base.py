"""The contract of a backend, and the choice of one."""

from __future__ import annotations

import functools
import importlib.util
import subprocess
from typing import Any, Literal, Protocol

from layeratlas.backends.kernels import Fused, Kernel
from layeratlas.errors import ConfigError

Device = Literal["auto", "cpu", "cuda"]
Array = Any  # numpy.ndarray or torch.Tensor


class Backend(Protocol):
    """Allocation, products, and which way of a kernel to take; shapes `(member, sample, feature)`.

    Kernels stand where they are used (`losses`, `engine.optimizers`) or in `backends.fused` with
    twins in `backends.plain`, so that a job depends on those it runs.
    """

    name: str
    device: str
    dtype: str

    def zeros(self, *shape: int) -> Array: ...
    def full(self, shape: tuple[int, ...], value: float) -> Array: ...
    def integers(self, *shape: int) -> Array: ...
    def keys(self, words: Any) -> Array: ...
    def vector(self, values: Any) -> Array: ...
    def from_numpy(self, array: Any) -> Array: ...
    def to_numpy(self, array: Array) -> Any: ...
    def matmul(self, a: Array, b: Array, out: Array) -> None: ...
    def transpose(self, a: Array) -> Array: ...
    def slot_size(self, parameters: int, batch: int, activations: int) -> int:
        """Members to step together; activations: numbers that a pass keeps of a sample."""

    def kernel(self, fused: Fused, plain: Kernel) -> Kernel:
        """The fused kernel, compiled for the backend's dtype, or its twin in torch."""


def available_device(device: Device = "auto") -> str:
    """Resolve `auto`: `cuda` where torch sees a GPU, else `cpu`.

    Raises ConfigError if `cuda` is asked for and there is none.
    """
    if device == "cpu":
        return "cpu"
    # Without a driver there is no GPU, and importing torch to learn that costs two seconds.
    found = has_nvidia_driver() and _torch_sees_cuda()
    if device == "cuda" and not found:
        raise ConfigError(
            "device: 'cuda' was asked for, but torch finds no CUDA GPU here; "
            "use 'auto' or 'cpu', or install a CUDA build of torch"
        )
    return "cuda" if found else "cpu"


@functools.cache
def has_nvidia_driver() -> bool:
    """Whether this machine has a working NVIDIA driver; costs a process, not an import of torch."""
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _torch_sees_cuda() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()


def get_backend(device: Device = "auto", dtype: str = "float32", *, torch: bool = False) -> Backend:
    """The backend for a device; `torch=True` asks for torch on the CPU too (autograd families)."""
    resolved = available_device(device)
    if resolved == "cuda" or torch:
        from layeratlas.backends.torch_backend import TorchBackend

        return TorchBackend(resolved, dtype)
    from layeratlas.backends.cpu import CpuBackend

    return CpuBackend(dtype)
