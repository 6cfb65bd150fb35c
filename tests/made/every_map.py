"""Small networks with each kind of affine map, and what a reading says of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import nn

from layeratlas.backends import get_backend
from layeratlas.metrics.registry import METRICS
from layeratlas.networks.module.construct import construct
from layeratlas.networks.module.family import ModuleFamily
from layeratlas.runs.plan import ShardPlan
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.reading import read
from layeratlas.signals.views import Seen, View


class Dense(nn.Sequential):
    """Dense maps of any sizes."""

    def __init__(self, input_shape, n_outputs, widths, bias, activation="Tanh"):
        sizes = [math.prod(input_shape), *widths]
        parts: list[nn.Module] = [nn.Flatten()]
        for a, b in zip(sizes, widths, strict=False):
            parts += [nn.Linear(a, b, bias=bias), getattr(nn, activation)()]
        super().__init__(*parts, nn.Linear(sizes[-1], n_outputs, bias=bias))


class Pixels(nn.Module):
    """A convolution of any sort, a batch norm, a smooth activation, a second convolution."""

    def __init__(self, input_shape, n_outputs, channels=4, **options):
        super().__init__()
        self.conv = nn.Conv2d(input_shape[0], channels, **options)
        self.norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, 2, 1)
        size = self.conv(torch.zeros(1, *input_shape))[0, 0].numel()
        self.head = nn.Linear(2 * size, n_outputs)

    def forward(self, x):
        h = self.second(torch.tanh(self.norm(self.conv(x))))
        return self.head(torch.tanh(h).flatten(1))


class Rectified(nn.Sequential):
    """Convolutions and a read-out without biases, ReLU between them: homogeneous."""

    def __init__(self, input_shape, n_outputs, **options):
        first = nn.Conv2d(input_shape[0], 3, bias=False, **options)
        size = first(torch.zeros(1, *input_shape)).numel()
        parts = (nn.ReLU(), nn.Conv2d(3, 3, 1, groups=3, bias=False), nn.ReLU(), nn.Flatten())
        super().__init__(first, *parts, nn.Linear(size, n_outputs, bias=False))


class Tokens(nn.Module):
    """An embedding, causal attention of several heads whose maps are modules, a read-out."""

    def __init__(self, input_shape, n_outputs, heads=2, size=4, bias=False):
        super().__init__()
        self.heads = heads
        self.embed = nn.Embedding(n_outputs, size)
        self.norm = nn.LayerNorm(size)
        self.query = nn.Linear(size, size, bias=bias)
        self.key = nn.Linear(size, size, bias=bias)
        self.value = nn.Linear(size, size, bias=bias)
        self.out = nn.Linear(size, size)
        self.head = nn.Linear(size, n_outputs)
        where = torch.arange(input_shape[0])[:, None] + torch.arange(size)
        self.register_buffer("where", torch.cos(1.0 + where))

    def forward(self, tokens):
        x = self.embed(tokens) + self.where.to(self.embed.weight)
        z = self.norm(x)
        q, k, v = (
            part(z).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        after = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        mixed = scores.masked_fill(after, -math.inf).softmax(-1) @ v
        return self.head(x + self.out(mixed.transpose(1, 2).flatten(2)))


class Packed(nn.Module):
    """The same attention by torch's own module, whose three maps are one parameter."""

    def __init__(self, input_shape, n_outputs, heads=2, size=4, bias=False):
        super().__init__()
        self.embed = nn.Embedding(n_outputs, size)
        self.norm = nn.LayerNorm(size)
        self.attention = nn.MultiheadAttention(size, heads, bias=bias, batch_first=True)
        self.head = nn.Linear(size, n_outputs)
        where = torch.arange(input_shape[0])[:, None] + torch.arange(size)
        self.register_buffer("where", torch.cos(1.0 + where))
        after = torch.ones(input_shape[0], input_shape[0], dtype=torch.bool).triu(1)
        self.register_buffer("after", after, persistent=False)

    def forward(self, tokens):
        x = self.embed(tokens) + self.where.to(self.embed.weight)
        z = self.norm(x)
        return self.head(x + self.attention(z, z, z, attn_mask=self.after, need_weights=False)[0])


def network_and_twin(
    name: str, settings: dict[str, Any], shape: tuple[int, ...], outputs: int, seed: int,
    *, tokens: bool = False, training: dict[str, Any] | None = None,
) -> tuple[Network, nn.Module]:  # fmt: skip
    """A network of the project's, away from its start, and the same as plain torch, in fp64.

    `name`: a class here, or a reference.
    """
    reference = name if ":" in name else f"made.every_map:{name}"
    more = {"tokens": True} if tokens else {}
    family = ModuleFamily(
        reference=reference, settings=settings, input_shape=shape, n_outputs=outputs, **more
    )
    theta, statistics = (np.asarray(v, np.float64) for v in family.initialize([seed]))
    rng = np.random.default_rng(seed)
    start = theta + 0.2 * rng.normal(size=theta.shape)
    theta = start + 0.3 * rng.normal(size=theta.shape)
    statistics = statistics + rng.uniform(0, 0.5, size=statistics.shape)
    shared = {
        "model": {"family": "module"},
        "training": {"loss": "half_squared_error"} | (training or {}),
        "dtype": "float64",
    }
    plan = ShardPlan("test", ("run",), shared, {"seed": (seed,)}, (0, 1))
    trained = Trained(plan, family, get_backend("cpu", "float64", torch=True))
    network = Network(trained, np.arange(1), theta, statistics, start, None, statistics)
    return network, twin(network, construct(reference, settings, shape, outputs, 0))


def twin(network: Network, net: nn.Module) -> nn.Module:
    """`net` with the network's weights and running statistics."""
    family = network.family
    net = net.double().eval()
    own = dict(net.named_parameters()) | dict(net.named_buffers())
    with torch.no_grad():
        for layout, values in (
            (family.parameters, network.theta), (family.statistics, network.statistics),
        ):  # fmt: skip
            for name, view in layout.views(values).items():
                if name in own:
                    own[name].copy_(torch.as_tensor(view[0]))
    return net


def seen_of(shape: tuple[int, ...], n: int, outputs: int, seed: int, tokens=False, **view) -> Seen:
    """Images, or tokens, with targets."""
    rng = np.random.default_rng(seed)
    if tokens:
        x = rng.integers(outputs, size=(n, *shape))
        return Seen(View(**view), x, rng.integers(outputs, size=(n, *shape)))
    x, y = rng.normal(size=(n, math.prod(shape))), rng.normal(size=(n, outputs))
    return Seen(View(**view), x, y)


def measured(network: Network, seen: Seen, names: tuple[str, ...]) -> dict[str, list[np.ndarray]]:
    """The project's metrics of these names, of each map in order: values of the only member."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for name, _, values in read(network, seen, [METRICS[name] for name in names]):
        found[name].append(np.asarray(values)[0])
    return found
