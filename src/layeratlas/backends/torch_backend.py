"""The torch backend: plain stacked torch operations, on CUDA or CPU.

The path to the GPU, where the member axis fills the machine, and the home of families that need
autograd. Its random words are those of the CPU backend, so that a network sees the same noise on
either device; only roundings differ. They may also differ in the last bits between slots here:
torch chooses its products by the size of the stack.
"""

from __future__ import annotations

import numpy as np
import torch

from layeratlas.backends.kernels import Fused, Kernel

#: Of weights, gradients and moments together, on the CPU: beyond that, stacking saves no time.
_CPU_BYTES = 1 << 29


class TorchBackend:
    """See `layeratlas.backends.base.Backend`."""

    name = "torch"

    def __init__(self, device: str = "cpu", dtype: str = "float32"):
        self.device = device
        self.dtype = dtype
        self._type = getattr(torch, dtype)
        # TF32 would make a float32 experiment something else than its attributes say.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        # And another algorithm at every run, another run.
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False

    # --- allocation ---------------------------------------------------------------------
    def zeros(self, *shape: int) -> torch.Tensor:
        return torch.zeros(shape, dtype=self._type, device=self.device)

    def full(self, shape: tuple[int, ...], value: float) -> torch.Tensor:
        return torch.full(shape, value, dtype=self._type, device=self.device)

    def integers(self, *shape: int) -> torch.Tensor:
        return torch.zeros(shape, dtype=torch.int64, device=self.device)

    def keys(self, words: np.ndarray) -> torch.Tensor:
        return torch.as_tensor(np.asarray(words, np.int64), device=self.device)

    def vector(self, values) -> torch.Tensor:
        return torch.as_tensor(np.asarray(values, np.float64), device=self.device)

    def from_numpy(self, array: np.ndarray) -> torch.Tensor:
        kind = self._type if array.dtype.kind == "f" else torch.int64
        return torch.tensor(np.ascontiguousarray(array), dtype=kind, device=self.device)

    def to_numpy(self, array: torch.Tensor) -> np.ndarray:
        return array.detach().cpu().numpy().copy()

    def matmul(self, a: torch.Tensor, b: torch.Tensor, out: torch.Tensor) -> None:
        torch.bmm(a, b, out=out)

    def transpose(self, a: torch.Tensor) -> torch.Tensor:
        return a.transpose(1, 2)

    def slot_size(self, parameters: int, batch: int, activations: int) -> int:
        """CUDA: up to 512 members, bounded by free memory; CPU: 8, fewer of large networks."""
        if self.device != "cuda":
            of_member = 4 * parameters * self._type.itemsize
            return int(np.clip(_CPU_BYTES // of_member, 1, 8))
        free, _ = torch.cuda.mem_get_info()
        # On an H100 a sample took 0.8 of what a pass keeps (`benchmarks/gpu.py`); as much again for
        # the words of noise, int64, which networks of two or three layers feel.
        of_sample = 2 * activations * self._type.itemsize
        per_member = 4 * parameters * self._type.itemsize + batch * of_sample
        return int(np.clip(0.5 * free // per_member, 1, 512))

    def kernel(self, fused: Fused, plain: Kernel) -> Kernel:
        return plain
