"""Dense layers in torch. Twins of `backends.fused.dense`, where the formulas are documented."""

from __future__ import annotations

import torch
from torch import Tensor

from layeratlas.backends.plain.words import threefry


def standardise(x, running_mean, running_var, momentum, eps) -> None:
    n = x.shape[1]
    mean = x.mean(dim=1)
    x.sub_(mean[:, None])
    var = x.square().mean(dim=1)
    running_mean.lerp_(mean, momentum)
    running_var.lerp_(var * (n / max(n - 1, 1)), momentum)
    x.mul_(torch.rsqrt(var + eps)[:, None])


def batch_norm_forward(
    z, bias, scale, shift, running_mean, running_var, momentum, eps,
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
    out.copy_(torch.where(y > 0, y, _column(slope, y) * y))
    _drop(out, dropout, keys, stream)


def _kink(out, slope, dropout):
    threshold = torch.floor(dropout * 65536.0 + 0.5)
    keep = _column(65536.0 / (65536.0 - threshold), out)
    alpha = _column(slope, out) * keep
    at_zero = torch.where((dropout > 0)[:, None, None], torch.zeros_like(alpha), alpha)
    return torch.where(out > 0, keep, torch.where(out < 0, alpha, at_zero))


def batch_norm_backward(
    dout, out, normalised, scale, inverse_std, slope, dropout, dscale, dshift
) -> None:
    dout.mul_(_kink(out, slope, dropout))
    dshift.copy_(dout.sum(dim=1))
    dscale.copy_((dout * normalised).sum(dim=1))
    n = dout.shape[1]
    dout.sub_(dshift[:, None] / n).sub_(normalised * (dscale[:, None] / n))
    dout.mul_((scale * inverse_std)[:, None])


def bias_activation_forward(z, bias, slope, dropout, keys, stream) -> None:
    z.add_(bias[:, None])
    z.copy_(torch.where(z > 0, z, _column(slope, z) * z))
    _drop(z, dropout, keys, stream)


def bias_activation_backward(dout, out, slope, dropout, dbias) -> None:
    dout.mul_(_kink(out, slope, dropout))
    dbias.copy_(dout.sum(dim=1))


def affine_activation(z, scale, shift, slope) -> None:
    z.mul_(scale[:, None]).add_(shift[:, None])
    z.copy_(torch.where(z > 0, z, _column(slope, z) * z))


def _drop(h, dropout, keys, stream) -> None:
    if not bool((dropout > 0).any()):
        return
    size = h[0].numel()
    quarter = size // 4
    threshold = torch.floor(dropout * 65536.0 + 0.5)
    keep = (65536.0 / (65536.0 - threshold)).to(h.dtype)
    b0, b1 = threefry(keys, max(quarter, 1), stream)
    b0, b1 = b0[:, :quarter], b1[:, :quarter]
    low = 0xFFFF
    bits = [b0 & low, b0 >> 16, b1 & low, b1 >> 16]
    rest = threefry(keys, size, stream)[1][:, 4 * quarter :] & low if size % 4 else None
    words = torch.cat([*bits, rest] if rest is not None else bits, dim=1)
    # `keep` is infinite at a rate that rounds to 1: choose, do not multiply by 0.
    mask = torch.where(words >= threshold[:, None], keep[:, None], torch.zeros_like(keep[:1]))
    h.mul_(torch.where((dropout > 0)[:, None], mask, torch.ones_like(mask)).view_as(h))


def _column(values: Tensor, like: Tensor) -> Tensor:
    """One number a member, as `(member, 1, 1)` of another tensor's type."""
    return values.to(like.dtype)[:, None, None]
