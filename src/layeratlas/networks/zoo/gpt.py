"""A decoder of tokens whose queries, keys and values are maps with names of their own.

    x = E[token] + P[position];  x ← x + W_o Att(LN x);  x ← x + W₂ GELU(W₁ LN x)
    logits = W_V LN x,   Att: softmax(q kᵀ/√d_head) v, a head each, no position seeing later ones

Norms before the branches, no biases in attention, no dropout, a read-out of its own. The sizes that
the alignment paper trained are not known: defaults are those of small runs, chosen here
(specification of the alignment paper, §3.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from layeratlas.errors import ConfigError
from layeratlas.words import quoted

__all__ = ["GPT"]


class GPT(nn.Module):
    """Maps `tokens`, `positions`, `blocks.<i>.attention.{query,key,value,output}`,
    `blocks.<i>.{expand,contract}` and `head`, of samples of T tokens.

    blocks, heads, width D; `fused` makes query, key and value one map `qkv`, (3D, D), in that
    order; `init_gain` multiplies their initial weights, the frameworks' default. ConfigError for
    settings that do not go together.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        n_outputs: int,
        blocks: int = 3,
        heads: int = 4,
        width: int = 64,
        fused: bool = False,
        init_gain: float = 1.0,
    ):
        super().__init__()
        for name, value in (("blocks", blocks), ("heads", heads), ("width", width)):
            _refuse_no_count(name, value)
        if width % heads:
            raise ConfigError(
                f"model.settings.width: {width} is no multiple of heads {heads}; give a multiple"
            )
        if isinstance(init_gain, bool) or not 0 < init_gain < math.inf:
            raise ConfigError(
                f"model.settings.init_gain: {quoted(init_gain)} is no gain; give a number above 0"
            )
        if len(tuple(input_shape)) != 1:
            raise ConfigError(
                f"model.from: GPT reads tokens by position; the data set has samples of shape "
                f"{tuple(input_shape)}"
            )
        positions = int(input_shape[0])
        self.tokens = nn.Embedding(n_outputs, width)
        self.positions = nn.Embedding(positions, width)
        made = [Block(width, heads, fused) for _ in range(blocks)]
        self.blocks = nn.ModuleList(made)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, n_outputs, bias=False)
        for embedding in (self.tokens, self.positions):
            nn.init.normal_(embedding.weight, std=0.02)
        with torch.no_grad():
            for block in made:
                for projection in block.attention.projections():
                    projection.weight *= init_gain

    def forward(self, tokens: Tensor) -> Tensor:
        places = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.tokens(tokens) + self.positions(places)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class Block(nn.Module):
    """One attention and two maps with GELU between, each a branch."""

    def __init__(self, width: int, heads: int, fused: bool):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads, fused)
        self.norm2 = nn.LayerNorm(width)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.contract(nn.functional.gelu(self.expand(self.norm2(x))))


class Attention(nn.Module):
    """Causal attention of several heads, by plain products, which differentiate twice."""

    def __init__(self, width: int, heads: int, fused: bool):
        super().__init__()
        self.heads, self.fused = heads, fused
        if fused:
            self.qkv = nn.Linear(width, 3 * width, bias=False)
        else:
            self.query = nn.Linear(width, width, bias=False)
            self.key = nn.Linear(width, width, bias=False)
            self.value = nn.Linear(width, width, bias=False)
        self.output = nn.Linear(width, width, bias=False)

    def projections(self) -> list[nn.Linear]:
        """The maps that give queries, keys and values."""
        return [self.qkv] if self.fused else [self.query, self.key, self.value]

    def forward(self, z: Tensor) -> Tensor:
        given = [projection(z) for projection in self.projections()]
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (given[0].chunk(3, -1) if self.fused else given)
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=z.device).triu(1)
        mixed = scores.masked_fill(later, -math.inf).softmax(-1) @ v
        return self.output(mixed.transpose(1, 2).flatten(2))


def _refuse_no_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(
            f"model.settings.{name}: {quoted(value)} is no count; give a whole number of at least 1"
        )
