"""`nn.MultiheadAttention` as three maps, an attention and its output map.

    q, k, v = W_q x + b_q, W_k y + b_k, W_v z + b_v      maps "query", "key", "value"
    A = softmax(q kᵀ/√d + mask), a head each;  output = W_o (A v) + b_o      map "out_proj"

as torch has it, but with dropout of A by the caller's factors.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

NAMES = ("query", "key", "value")


def is_packed(part: nn.MultiheadAttention) -> bool:
    """Whether it is of the kind done here: without extra rows of keys."""
    return part.bias_k is None and part.bias_v is None and not part.add_zero_attn


class Projections:
    """The tensors of the three maps."""

    @staticmethod
    def of(part: nn.MultiheadAttention) -> dict[str, dict[str, Tensor]]:
        """Name of the map → `weight` (embedding, fan-in) and, where there is one, `bias`.

        Parts of a packed parameter come as tensors of their own, trained as it was.
        """
        own = (part.q_proj_weight, part.k_proj_weight, part.v_proj_weight)
        packed, bias = part.in_proj_weight, part.in_proj_bias
        weights = own if packed is None else packed.detach().chunk(3)
        found = {}
        for i, name in enumerate(NAMES):
            found[name] = {"weight": _like(weights[i], packed)}
            if bias is not None:
                found[name]["bias"] = _like(bias.detach().chunk(3)[i], bias)
        return found


def _like(piece: Tensor, packed: Tensor | None) -> Tensor:
    return piece if packed is None else piece.clone().requires_grad_(packed.requires_grad)


def attend(
    part: nn.MultiheadAttention,
    project: Callable[[str, Tensor], Tensor],
    dropped: Callable[[Tensor, float], Tensor],
    stacked: Callable[[], bool],
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """What `part.forward` gives; `project(name, x)` is one of the three maps.

    `stacked()` says that tensors are stacks of members', for which torch's fused product has no
    rule and would go through them one by one.
    Raises ValueError for tensors without an axis of samples.
    """
    if query.ndim != 3:
        raise ValueError("MultiheadAttention is given tensors without an axis of samples")
    heads = part.num_heads

    def split(x: Tensor) -> Tensor:
        """`(sample, head, position, feature)`."""
        x = x.unflatten(-1, (heads, -1))
        return x.transpose(1, 2) if part.batch_first else x.permute(1, 2, 0, 3)

    q, k, v = (split(project(name, x)) for name, x in zip(NAMES, (query, key, value), strict=True))
    mask = _mask(attn_mask, key_padding_mask, q, k)
    dropout = part.dropout if part.training else 0.0
    weights = None
    if dropout or need_weights or stacked():
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        weights = (scores if mask is None else scores + mask).softmax(-1)
        mixed = dropped(weights, dropout) @ v
    else:
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    joined = mixed.transpose(1, 2) if part.batch_first else mixed.permute(2, 0, 1, 3)
    output = part.out_proj(joined.flatten(2))
    if not need_weights or weights is None:
        return output, None
    return output, weights.mean(1) if average_attn_weights else weights


def _mask(attention: Tensor | None, padding: Tensor | None, q: Tensor, k: Tensor) -> Tensor | None:
    """What is added to the scores, −∞ where a position must not be seen; None for nothing."""
    total = None
    if attention is not None:
        attention = _added(attention, q)
        if attention.ndim == 3:
            attention = attention.view(len(q), -1, *attention.shape[1:])
        total = attention
    if padding is not None:
        rows = _added(padding, q)[:, None, None, :]
        total = rows if total is None else total + rows
    return total


def _added(mask: Tensor, q: Tensor) -> Tensor:
    if mask.dtype != torch.bool:
        return mask.to(q.dtype)
    zeros = torch.zeros(mask.shape, dtype=q.dtype, device=q.device)
    return zeros.masked_fill(mask, -math.inf)
