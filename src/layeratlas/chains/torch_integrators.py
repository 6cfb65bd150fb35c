"""The two integrators in torch, all chains at once: the GPU path.

State is `(block, chain)`, float64. Noise is that of the CPU's kernels, Threefry-2x32-20 words of
(chain's key, step, pair of blocks), drawn for many steps together, since a step is a dozen launches
whatever the number of chains: worth it for chains in great number only (`benchmarks/README.md`).
Formulas are those of `layeratlas.chains.kernels`; only roundings differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from layeratlas.backends.plain.words import box_muller, threefry

# Bytes of normals drawn together; drawing needs about ten times as much for a moment.
_NORMALS = 2**25

Progress = Callable[[int], None]


def first_order(
    words: np.ndarray,
    settings: Mapping[str, np.ndarray],
    length: int,
    steps: int,
    record: np.ndarray,
    device: str,
    progress: Progress,
) -> np.ndarray:
    """y − x_l `(chain, record, L + 1)` as `chains.integrators.first_order` gives.

    words: keys `(chain, 2)`; settings: `target`, `stiffness`, `step_size`, `friction_right`,
    `friction_left`, `noise`, each `(chain,)`; record: ascending steps.
    """
    s = _on(settings, device)
    x = _at_rest(length, s["target"])
    kept = _Kept(record, x)
    for step, xi in _noise(words, length, steps, s["noise"], device, progress):
        z = s["stiffness"] * (x[2:] - 2 * x[1:-1] + x[:-2]) + xi
        x[1:-1] += s["step_size"] * (
            (z - s["friction_right"]).relu() - (-z - s["friction_left"]).relu()
        )
        kept.note(step, x[-1] - x[:-1])
    return kept.array()


def second_order(
    words: np.ndarray,
    settings: Mapping[str, np.ndarray],
    length: int,
    steps: int,
    record: np.ndarray,
    common_noise: bool,
    device: str,
    progress: Progress,
) -> tuple[np.ndarray, np.ndarray]:
    """y − x_l and v_l, `(chain, record, L + 1)` each, as `chains.integrators.second_order` gives.

    Arguments as of `first_order`; settings have `mass`, `damping` and `noise_decay` too.
    """
    s = _on(settings, device)
    x = _at_rest(length, s["target"])
    v = torch.zeros_like(x)
    kept, speeds = _Kept(record, x), _Kept(record, x)
    speeds.note(0, v[:-1])
    dt = s["step_size"]
    for step, xi in _noise(words, length, steps, s["noise"], device, progress):
        if common_noise and torch.is_tensor(xi):
            xi = xi.sum(0)
        u = v[1:-1].clone()
        still = torch.where(u < 0, -s["friction_left"], 0.0)
        friction = torch.where(u > 0, s["friction_right"], still)
        pull = s["stiffness"] * (x[2:] - 2 * x[1:-1] + x[:-2]) - s["damping"] * u
        shake = torch.exp(-s["noise_decay"] * dt * (step - 1)) * dt.sqrt()
        x[1:-1] += dt * u
        v[1:-1] = u + dt * (pull / s["mass"] - friction) + shake * xi
        kept.note(step, x[-1] - x[:-1])
        speeds.note(step, v[:-1])
    return kept.array(), speeds.array()


class _Kept:
    """What is recorded, on the device until the end."""

    def __init__(self, record: np.ndarray, x: Tensor):
        self._place = {int(step): i for i, step in enumerate(record)}
        shape = (len(record), x.shape[0] - 1, x.shape[1])
        self._values = torch.empty(shape, dtype=x.dtype, device=x.device)
        self.note(0, x[-1] - x[:-1])

    def note(self, step: int, values: Tensor) -> None:
        if step in self._place:
            self._values[self._place[step]] = values

    def array(self) -> np.ndarray:
        return self._values.permute(2, 0, 1).cpu().numpy()


def _on(settings: Mapping[str, np.ndarray], device: str) -> dict[str, Tensor]:
    return {name: torch.tensor(value, device=device) for name, value in settings.items()}


def _at_rest(length: int, target: Tensor) -> Tensor:
    x = torch.zeros(length + 2, len(target), dtype=target.dtype, device=target.device)
    x[-1] = target
    return x


def _noise(
    words: np.ndarray, length: int, steps: int, strength: Tensor, device: str, progress: Progress
) -> Iterator[tuple[int, Tensor | float]]:
    """(step, ε ξ) with ξ standard normal `(block, chain)`; 0.0 where no chain is shaken."""
    chains = len(words)
    keys = torch.as_tensor(np.asarray(words, np.int64), device=device)
    together = max(1, _NORMALS // (8 * chains * (length + length % 2)))
    noisy = bool((strength > 0).any())
    for start in range(1, steps + 1, together):
        count = min(together, steps + 1 - start)
        if noisy:
            pairs = [
                box_muller(*threefry(keys, count, pair, first=start))
                for pair in range((length + 1) // 2)
            ]
            # (chain, step) of each block → (step, block, chain).
            xi = torch.stack([half for pair in pairs for half in pair][:length])
            xi = strength * xi.permute(2, 0, 1)
        for i in range(count):
            yield start + i, xi[i] if noisy else 0.0
        progress(chains * count)
