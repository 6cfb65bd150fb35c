"""Which maps a pass comes to, and which of them come directly before each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from layeratlas.networks.module.watch import use_name


@dataclass
class Use:
    """One use of a map in one pass."""

    name: str
    map: str
    before: frozenset[str]
    read: Tensor
    read_shape: tuple[int, ...]
    given_shape: tuple[int, ...] = ()


class Recorder:
    """A `Watch` that notes every use, and which uses come directly before it."""

    def __init__(self) -> None:
        self.uses: dict[str, Use] = {}
        self.scales: dict[str, tuple[tuple[int, ...], str | None]] = {}
        self._nodes: dict[Any, str] = {}
        self._count: Counter[str] = Counter()

    def before(self, name: str, x: Tensor) -> Tensor:
        self._count[name] += 1
        use = use_name(name, self._count[name])
        self.uses[use] = Use(use, name, self.directly_before(x), x, tuple(x.shape))
        return x

    def after(self, name: str, y: Tensor) -> Tensor:
        use = use_name(name, self._count[name])
        self.uses[use].given_shape = tuple(y.shape)
        self._nodes[y.grad_fn] = use
        return y

    def scaled(self, name: str, normalised: Tensor, y: Tensor) -> Tensor:
        self._count[name] += 1
        last = next(reversed(self.uses), None)
        self.scales[use_name(name, self._count[name])] = (tuple(y.shape), last)
        return y

    def directly_before(self, x: Tensor) -> frozenset[str]:
        """Uses that `x` depends on without another one between."""
        found, seen, todo = set(), set(), [x.grad_fn]
        while todo:
            node = todo.pop()
            if node is None or node in seen:
                continue
            seen.add(node)
            if node in self._nodes:
                found.add(self._nodes[node])
            else:
                todo += [inner for inner, _ in node.next_functions]
        return frozenset(found)
