"""The torch backend: every kernel as plain stacked torch operations, on CUDA or CPU.

The readable twin of `cpu_kernels` (formulas are documented there) and the path to the GPU,
where the member axis fills the machine. Random words are the same Threefry-2x32-20 words, so
that a network sees the same noise on either device; only roundings differ. They may also differ
in the last bits between slots here: torch chooses its products by the size of the stack.
"""

from __future__ import annotations

import math

import numpy as np
import torch

_MASK = 0xFFFFFFFF
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def threefry(
    keys: torch.Tensor, count: int, stream: int, *, first: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Words of `count` elements from `first` on: two int64 tensors `(member, count)`, below 2^32.

    Threefry-2x32-20, Salmon, Moraes, Dror and Shaw, SC 2011. torch has no unsigned 32-bit
    arithmetic, so sums are masked back to 32 bits.
    """
    k0, k1 = keys[:, 0:1], keys[:, 1:2]
    schedule = (k0, k1, k0 ^ k1 ^ 0x1BD11BDA)
    x0 = (torch.arange(first, first + count, device=keys.device)[None, :] + k0) & _MASK
    x1 = (stream + k1) & _MASK
    x1 = x1.expand_as(x0)
    for block in range(5):
        for r in _ROTATIONS[block % 2]:
            x0 = (x0 + x1) & _MASK
            x1 = (((x1 << r) & _MASK) | (x1 >> (32 - r))) ^ x0
        x0 = (x0 + schedule[(block + 1) % 3]) & _MASK
        x1 = (x1 + schedule[(block + 2) % 3] + block + 1) & _MASK
    return x0, x1


def normals(keys: torch.Tensor, size: int, stream: int) -> torch.Tensor:
    """Standard normals `(member, size)`: element i and i + size//2 share one pair of words."""
    half = size // 2
    a, b = box_muller(*threefry(keys, half + size % 2, stream))
    return torch.cat([a[:, :half], b[:, :half], a[:, half:]], dim=1)


def box_muller(b0: torch.Tensor, b1: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Two standard normals, float64, of each pair of words."""
    u = (b0 >> 9).double() * 2.0**-23 + 2.0**-24
    angle = b1.double() * (2.0 * math.pi / 2.0**32)
    radius = torch.sqrt(-2.0 * torch.log(u))
    return radius * torch.cos(angle), radius * torch.sin(angle)


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

    def slot_size(self, parameters: int, batch: int, features: int) -> int:
        """CUDA: up to 512 members, bounded by free memory; CPU: 8."""
        if self.device != "cuda":
            return 8
        free, _ = torch.cuda.mem_get_info()
        # Activations, their gradients and the Threefry words of the noise (int64).
        per_member = 4 * parameters * self._type.itemsize + batch * features * 64
        return int(np.clip(0.5 * free // per_member, 1, 512))

    def _column(self, values: torch.Tensor) -> torch.Tensor:
        return values.to(self._type)[:, None, None]

    # --- random numbers and data --------------------------------------------------------
    def random_words(self, key: torch.Tensor, stream: int, out: torch.Tensor) -> None:
        x0, x1 = threefry(key[None, :], out.shape[0] // 2, stream)
        out.copy_(torch.cat([x0[0], x1[0]]))

    def gather(self, source: torch.Tensor, index: torch.Tensor, out: torch.Tensor) -> None:
        out.copy_(source[index])

    def add_input_noise(self, x, strength, keys, stream) -> None:
        if self.device == "cpu":
            # One by one: torch splits a joint reduction by the number of members.
            std = torch.stack([member.std(unbiased=False) for member in x])
        else:
            std = x.flatten(1).std(dim=1, unbiased=False)
        scale = self._column(strength * std)
        noise = normals(keys, x[0].numel(), stream).view_as(x)
        # Members without noise keep their bits: 0 · noise added would still turn -0 into +0.
        noisy = x + scale * noise.to(self._type)
        x.copy_(torch.where(self._column(strength) > 0, noisy, x))

    def replace_labels(self, labels, strength, n_classes, keys, stream) -> None:
        n = labels.shape[1]
        b0, b1 = (w.cpu().numpy() for w in threefry(keys, n, stream))
        counts = (strength.cpu().numpy() * n).astype(np.int64)
        host = labels.cpu().numpy()
        # A sequential swap of a few thousand integers: the host does it faster than a GPU.
        for e, count in enumerate(counts):
            order = np.arange(n)
            for i in range(count):
                j = i + int(b0[e, i]) * (n - i) // 2**32
                order[[i, j]] = order[[j, i]]
                host[e, order[i]] = int(b1[e, i]) * n_classes // 2**32
        labels.copy_(torch.as_tensor(host))

    def permutations(self, keys, stream, out) -> None:
        n = out.shape[1]
        words = threefry(keys, n, stream)[0].cpu().numpy()
        order = np.tile(np.arange(n), (out.shape[0], 1))
        rows = np.arange(out.shape[0])
        for i in range(n - 1):
            j = i + words[:, i] * (n - i) // 2**32
            order[rows, j], order[:, i] = order[:, i].copy(), order[rows, j]
        out.copy_(torch.as_tensor(order))

    def _drop(self, h, dropout, keys, stream) -> None:
        if not bool((dropout > 0).any()):
            return
        size = h[0].numel()
        quarter = size // 4
        threshold = torch.floor(dropout * 65536.0 + 0.5)
        keep = (65536.0 / (65536.0 - threshold)).to(self._type)
        b0, b1 = threefry(keys, max(quarter, 1), stream)
        b0, b1 = b0[:, :quarter], b1[:, :quarter]
        low = 0xFFFF
        bits = [b0 & low, b0 >> 16, b1 & low, b1 >> 16]
        rest = threefry(keys, size, stream)[1][:, 4 * quarter :] & low if size % 4 else None
        words = torch.cat([*bits, rest] if rest is not None else bits, dim=1)
        # `keep` is infinite at a rate that rounds to 1: choose, do not multiply by 0.
        mask = torch.where(words >= threshold[:, None], keep[:, None], torch.zeros_like(keep[:1]))
        h.mul_(torch.where((dropout > 0)[:, None], mask, torch.ones_like(mask)).view_as(h))

    # --- layers ---------------------------------------------------------------------------
    def standardise(self, x, running_mean, running_var, momentum, eps) -> None:
        n = x.shape[1]
        mean = x.mean(dim=1)
        x.sub_(mean[:, None])
        var = x.square().mean(dim=1)
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var * (n / max(n - 1, 1)), momentum)
        x.mul_(torch.rsqrt(var + eps)[:, None])

    def batch_norm_forward(
        self, z, bias, scale, shift, running_mean, running_var, momentum, eps,
        slope, dropout, keys, stream, inverse_std, out,
    ) -> None:  # fmt: skip
        n = z.shape[1]
        mean = z.mean(dim=1)
        z.sub_(mean[:, None])
        var = z.square().mean(dim=1)
        inverse_std.copy_(torch.rsqrt(var + eps))
        running_mean.lerp_(mean + bias, momentum)
        running_var.lerp_(var * (n / max(n - 1, 1)), momentum)
        z.mul_(inverse_std[:, None])
        y = torch.addcmul(shift[:, None], z, scale[:, None])
        out.copy_(torch.where(y > 0, y, self._column(slope) * y))
        self._drop(out, dropout, keys, stream)

    def _kink(self, out, slope, dropout):
        threshold = torch.floor(dropout * 65536.0 + 0.5)
        keep = self._column(65536.0 / (65536.0 - threshold))
        alpha = self._column(slope) * keep
        at_zero = torch.where(self._column(dropout) > 0, torch.zeros_like(alpha), alpha)
        return torch.where(out > 0, keep, torch.where(out < 0, alpha, at_zero))

    def batch_norm_backward(
        self, dout, out, normalised, scale, inverse_std, slope, dropout, dscale, dshift
    ) -> None:
        dout.mul_(self._kink(out, slope, dropout))
        dshift.copy_(dout.sum(dim=1))
        dscale.copy_((dout * normalised).sum(dim=1))
        n = dout.shape[1]
        dout.sub_(dshift[:, None] / n).sub_(normalised * (dscale[:, None] / n))
        dout.mul_((scale * inverse_std)[:, None])

    def bias_activation_forward(self, z, bias, slope, dropout, keys, stream) -> None:
        z.add_(bias[:, None])
        z.copy_(torch.where(z > 0, z, self._column(slope) * z))
        self._drop(z, dropout, keys, stream)

    def bias_activation_backward(self, dout, out, slope, dropout, dbias) -> None:
        dout.mul_(self._kink(out, slope, dropout))
        dbias.copy_(dout.sum(dim=1))

    def affine_activation(self, z, scale, shift, slope) -> None:
        z.mul_(scale[:, None]).add_(shift[:, None])
        z.copy_(torch.where(z > 0, z, self._column(slope) * z))

    # --- losses ---------------------------------------------------------------------------
    def cross_entropy(self, logits, bias, labels, loss, dbias) -> None:
        logits.add_(bias[:, None])
        log_p = torch.log_softmax(logits, dim=2)
        n = logits.shape[1]
        picked = torch.gather(log_p, 2, labels[:, :, None])
        loss.copy_(-picked.double().mean(dim=(1, 2)))
        gradient = torch.exp(log_p)
        gradient.scatter_add_(2, labels[:, :, None], torch.full_like(picked, -1.0))
        logits.copy_(gradient / n)
        dbias.copy_(logits.sum(dim=1))

    def mean_squared_error(self, logits, bias, labels, loss, dbias) -> None:
        residual = logits + bias[:, None]
        minus = torch.full_like(residual[:, :, :1], -1.0)
        residual.scatter_add_(2, labels[:, :, None], minus)
        loss.copy_(residual.double().square().mean(dim=(1, 2)))
        logits.copy_(residual * (2.0 / residual[0].numel()))
        dbias.copy_(logits.sum(dim=1))

    # --- optimisers -------------------------------------------------------------------------
    def _per_element(self, rate: torch.Tensor, offsets: np.ndarray) -> torch.Tensor:
        sizes = torch.as_tensor(np.diff(offsets), device=self.device)
        return torch.repeat_interleave(rate, sizes, dim=1).to(self._type)

    def adam(self, theta, gradient, first, second, rate, offsets, beta1, beta2, eps, step) -> None:
        first.mul_(beta1).add_(gradient, alpha=1.0 - beta1)
        second.mul_(beta2).addcmul_(gradient, gradient, value=1.0 - beta2)
        denominator = second.sqrt().mul_(1.0 / math.sqrt(1.0 - beta2**step)).add_(eps)
        size = self._per_element(rate / (1.0 - beta1**step), offsets)
        theta.sub_(size * first / denominator)

    def sgd(self, theta, gradient, velocity, rate, offsets, momentum) -> None:
        velocity.mul_(momentum).add_(gradient)
        theta.sub_(self._per_element(rate, offsets) * velocity)

    def scale_invariant_sgd(self, theta, gradient, rate, offsets, blocks) -> None:
        count = int(blocks.max()) + 1
        parts = gradient.double().square().split(np.diff(offsets).tolist(), dim=1)
        square = rate.new_zeros(len(rate), max(count, 1))
        for part, block in zip(parts, blocks, strict=True):
            if block >= 0:
                square[:, block] += part.sum(dim=1)
        of_tensor = square[:, np.maximum(blocks, 0)]
        moves = torch.as_tensor(blocks >= 0, device=self.device) & (of_tensor != 0)
        size = torch.where(moves, rate / (count * of_tensor), 0.0)
        theta.sub_(self._per_element(size, offsets) * gradient)
