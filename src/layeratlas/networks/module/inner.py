"""A module whose tensors are put in place from outside, and whose odd parts answer to the engine.

`nn.Dropout` multiplies by factors that the caller draws; `nn.BatchNorm` shows its affine pair and
keeps its statistics where it was given them; `nn.MultiheadAttention` computes query, key and value
as three maps with tensors of their own, which torch packs into one. Anything else runs as written.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from layeratlas.networks.module.attention import Projections, attend, is_packed
from layeratlas.networks.module.maps import AFFINE
from layeratlas.networks.module.watch import Watch

_BATCH_NORM = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_DROPOUT = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
Place = tuple[MutableMapping[str, Any], str]


@dataclass
class Slot:
    """One tensor of the module: what it was made with, and every place where it is read."""

    value: Tensor
    role: str
    trained: bool
    places: list[Place]


@dataclass
class Pass:
    """One call. `drops` is filled with the rate and shape of every dropout that it comes to."""

    factors: Iterator[Tensor] | None = None
    watch: Watch | None = None
    stacked: bool = False
    drops: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)


class Inner:
    """See the module docstring. `slots` are the tensors by name, `maps` the affine modules."""

    def __init__(self, module: nn.Module) -> None:
        # Torch's short cut past the modules of an encoder layer would pass by the maps too.
        torch.backends.mha.set_fastpath_enabled(False)
        self.module = module
        self.maps: dict[str, nn.Module | None] = {}
        self.weights: dict[str, tuple[str | None, str | None]] = {}
        self.norms: dict[str, nn.Module] = {}
        self.slots: dict[str, Slot] = {}
        self._names: dict[int, str] = {}
        self._now = Pass()
        self._hooked: list[tuple[str, nn.Module]] = []
        for name, part in module.named_modules():
            self._take(name, part)

    def __call__(
        self,
        tensors: Mapping[str, Tensor],
        x: Tensor,
        *,
        training: bool,
        factors: Sequence[Tensor] | None = None,
        watch: Watch | None = None,
        stacked: bool = False,
    ) -> tuple[Any, dict[str, Tensor], Pass]:
        """The output, what the slots that are not trained hold afterwards, and the pass.

        `tensors` take the place of slots by name. Statistics of batch norm are moved in place, or,
        where `stacked` says that tensors are stacks of members' (`torch.vmap`), replaced.
        """
        if self.module.training != training:
            self.module.train(training)
        self._now = Pass(iter(factors) if factors is not None else None, watch, stacked)
        handles = self._hook() if watch is not None else []
        try:
            for name, tensor in tensors.items():
                for owner, key in self.slots[name].places:
                    owner[key] = tensor
            output = self.module(x)
            held = {}
            for name, slot in self.slots.items():
                if not slot.trained:
                    owner, key = slot.places[0]
                    held[name] = owner[key]
            return output, held, self._now
        finally:
            for name in tensors:
                slot = self.slots[name]
                for owner, key in slot.places:
                    owner[key] = slot.value
            for handle in handles:
                handle.remove()
            self._now = Pass()

    # --- taking the module apart --------------------------------------------------------------
    def _take(self, name: str, part: nn.Module) -> None:
        prefix = f"{name}." if name else ""
        if isinstance(part, nn.MultiheadAttention) and is_packed(part):
            self._take_attention(name, part)
            return
        role = "scale" if isinstance(part, (*_BATCH_NORM, nn.LayerNorm, nn.GroupNorm)) else "weight"
        for key, value in part._parameters.items():
            if value is not None:
                kind = ("bias" if role == "weight" else "shift") if key == "bias" else role
                self._slot(prefix + key, value, kind, value.requires_grad, part._parameters, key)
        for key, buffer in part._buffers.items():
            if buffer is not None and buffer.is_floating_point():
                self._slot(prefix + key, buffer, "statistic", False, part._buffers, key)
        if isinstance(part, AFFINE):
            self._map(name, part, part._parameters)
            self._hooked.append((name, part))
        elif isinstance(part, _BATCH_NORM):
            self.norms[name] = part
            self.weights[name] = self._named(part._parameters)
            _answer(part, functools.partial(self._normalise, name, part))
        elif isinstance(part, _DROPOUT):
            _answer(part, functools.partial(self._drop, part))

    def _take_attention(self, name: str, part: nn.MultiheadAttention) -> None:
        prefix = f"{name}." if name else ""
        pieces: dict[str, dict[str, Tensor]] = {}
        for map_name, tensors in Projections.of(part).items():
            pieces[map_name] = dict(tensors)
            for key, value in tensors.items():
                role = "weight" if key == "weight" else "bias"
                full = f"{prefix}{map_name}.{key}"
                self._slot(full, value, role, value.requires_grad, pieces[map_name], key)
            self._map(f"{prefix}{map_name}", None, pieces[map_name])
        affine = functools.partial(self._project, prefix, pieces)
        _answer(part, functools.partial(attend, part, affine, self.dropped, self._is_stacked))

    def _slot(
        self, name: str, value: Tensor, role: str, trained: bool, owner: Any, key: str
    ) -> None:
        known = self._names.get(id(value))
        if known is not None:
            # Shared between modules: one tensor, whose gradient is the sum over its uses.
            self.slots[known].places.append((owner, key))
            return
        self._names[id(value)] = name
        self.slots[name] = Slot(value, role, trained, [(owner, key)])

    def _map(self, name: str, module: nn.Module | None, tensors: Mapping[str, Any]) -> None:
        self.maps[name] = module
        self.weights[name] = self._named(tensors)

    def _named(self, tensors: Mapping[str, Any]) -> tuple[str | None, str | None]:
        return tuple(  # type: ignore[return-value]
            self._names.get(id(tensors[key])) if tensors.get(key) is not None else None
            for key in ("weight", "bias")
        )

    # --- parts that answer to the engine ------------------------------------------------------
    def dropped(self, x: Tensor, rate: float, shape: tuple[int, ...] | None = None) -> Tensor:
        """Dropout of `x` with the caller's factors, which have `shape`, else that of `x`."""
        if rate == 0:
            return x
        shape = tuple(x.shape) if shape is None else shape
        self._now.drops.append((rate, shape))
        if self._now.factors is None:
            return x
        return x * next(self._now.factors).view(shape)

    def _is_stacked(self) -> bool:
        return self._now.stacked

    def _drop(self, part: Any, x: Tensor) -> Tensor:
        if isinstance(part, nn.Dropout):
            return self.dropped(x, part.p)
        # Whole channels: (sample, channel, …).
        return self.dropped(x, part.p, (*x.shape[:2], *[1] * (x.ndim - 2)))

    def _project(
        self, prefix: str, pieces: Mapping[str, Mapping[str, Tensor]], name: str, x: Tensor
    ) -> Tensor:
        watch, tensors = self._now.watch, pieces[name]
        if watch is not None:
            x = watch.before(prefix + name, x)
        y = functional.linear(x, tensors["weight"], tensors.get("bias"))
        return y if watch is None else watch.after(prefix + name, y)

    def _normalise(self, name: str, part: Any, x: Tensor) -> Tensor:
        now = self._now
        mean, var = part.running_mean, part.running_var
        own = part.training or mean is None
        if now.watch is None and not now.stacked:
            return functional.batch_norm(
                x, mean, var, part.weight, part.bias, own, part.momentum, part.eps
            )
        if now.stacked and own:
            normalised = self._normalised_in_stack(part, x)
        else:
            normalised = functional.batch_norm(
                x, mean, var, None, None, own, part.momentum, part.eps
            )
        y = normalised
        if part.weight is not None:
            shape = (-1, *[1] * (x.ndim - 2))
            y = normalised * part.weight.view(shape) + part.bias.view(shape)
        return y if now.watch is None else now.watch.scaled(name, normalised, y)

    def _normalised_in_stack(self, part: Any, x: Tensor) -> Tensor:
        """By the batch's own statistics; torch's batch norm moves no stack of running ones."""
        axes = [i for i in range(x.ndim) if i != 1]
        var, mean = torch.var_mean(x, axes, correction=0, keepdim=True)
        if part.running_mean is not None:
            n = x.numel() / x.shape[1]
            seen = {"running_mean": mean, "running_var": var * (n / (n - 1))}
            for key, value in seen.items():
                old = part._buffers[key]
                part._buffers[key] = old + part.momentum * (value.detach().flatten() - old)
        return (x - mean) * (var + part.eps).rsqrt()

    def _hook(self) -> list[Any]:
        handles = []
        for name, part in self._hooked:
            handles.append(
                part.register_forward_pre_hook(_before(self, name), prepend=True, with_kwargs=True)
            )
            handles.append(part.register_forward_hook(_after(self, name)))
        return handles


def _answer(part: Any, forward: Callable[..., Any]) -> None:
    """Have another function compute what a module gives."""
    part.forward = forward


def _before(inner: Inner, name: str) -> Callable[..., Any]:
    def hook(module: nn.Module, args: tuple, kwargs: dict[str, Any]) -> Any:
        watch = inner._now.watch
        assert watch is not None
        if args:
            return (watch.before(name, args[0]), *args[1:]), kwargs
        return args, kwargs | {"input": watch.before(name, kwargs["input"])}

    return hook


def _after(inner: Inner, name: str) -> Callable[..., Any]:
    def hook(module: nn.Module, args: tuple, output: Tensor) -> Tensor:
        watch = inner._now.watch
        assert watch is not None
        return watch.after(name, output)

    return hook
