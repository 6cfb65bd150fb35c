"""Modules that no experiment can train, one for each reason."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class _Head(nn.Module):
    """Flattened images through one map."""

    def __init__(self, n_outputs: int) -> None:
        super().__init__()
        self.inner = nn.Linear(192, n_outputs)

    def forward(self, x):
        return self.inner(x.flatten(1))


class NoMap(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        return x.flatten(1)[:, :4] * self.scale


class Changing(_Head):
    calls = 0

    def forward(self, x):
        self.calls += 1
        return super().forward(x)[:, : 4 - self.calls % 2]


class Growing(_Head):
    def __init__(self, n_outputs: int) -> None:
        super().__init__(n_outputs)
        self.inner = nn.Linear(8, n_outputs)

    def forward(self, x):
        h = self.inner(x[:, 0].reshape(-1, 8)[: 1 + len(x) ** 2])
        return h.sum(0).expand(len(x), -1)


class Random(_Head):
    def forward(self, x):
        return super().forward(x + torch.randn_like(x))


class Functional(_Head):
    def forward(self, x):
        return super().forward(functional.dropout(x, 0.3, self.training))


class Pair(_Head):
    def forward(self, x):
        return super().forward(x), x


class Wide(_Head):
    def __init__(self) -> None:
        super().__init__(5)


class Failing(_Head):
    def forward(self, x):
        return self.inner(x)


class Counting(_Head):
    calls = 0

    def forward(self, x):
        self.calls += 1
        return super().forward(x) * self.calls


class Buffered(_Head):
    def __init__(self, n_outputs: int) -> None:
        super().__init__(n_outputs)
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x):
        self.seen += 1
        return super().forward(x)


class Averaging(_Head):
    def __init__(self, n_outputs: int) -> None:
        super().__init__(n_outputs)
        self.norm = nn.BatchNorm2d(3, momentum=None)

    def forward(self, x):
        return super().forward(self.norm(x))


class Detached(_Head):
    def forward(self, x):
        super().forward(x)
        return x.flatten(1)[:, :4]


class Moody(_Head):
    def __init__(self, n_outputs: int) -> None:
        super().__init__(n_outputs)
        self.second = nn.Linear(n_outputs, n_outputs)

    def forward(self, x):
        h = super().forward(x)
        return self.second(h) if self.training else h


class OddAttention(nn.Module):
    def __init__(self, n_outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.embed = nn.Linear(64, 8)
        self.attention = nn.MultiheadAttention(
            8, 2, dropout=dropout, add_bias_kv=True, batch_first=True
        )
        self.head = nn.Linear(8, n_outputs)

    def forward(self, x):
        h = self.embed(x.flatten(2))
        return self.head(self.attention(h, h, h)[0].mean(1))


class Nameless:
    """A family of a user that names no affine maps."""

    affines = ()

    @classmethod
    def from_settings(cls, settings, input_shape, n_outputs):
        if settings["settings"]["broken"]:
            raise OSError("no such weights")
        return cls()
