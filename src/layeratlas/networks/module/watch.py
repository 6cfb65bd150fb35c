"""What is kept of one pass: the features of the main path, and a tape of the affine maps."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

from layeratlas.networks.module.extent import Extent
from layeratlas.networks.module.maps import Layout
from layeratlas.networks.tape import Tape


class Watch(Protocol):
    """Is told of every map that a pass comes to; what it returns takes the tensor's place."""

    def before(self, name: str, x: Tensor) -> Tensor:
        """A map is about to read `x`."""

    def after(self, name: str, y: Tensor) -> Tensor:
        """It has given `y`."""

    def scaled(self, name: str, normalised: Tensor, y: Tensor) -> Tensor:
        """A batch norm has given y = γ · normalised + β."""


def use_name(name: str, count: int) -> str:
    """The name of a map's use: `name`, then `name@2`, …"""
    return name if count == 1 else f"{name}@{count}"


class Replacing(TorchFunctionMode):
    """Has torch read other tensors in the place of some: those of `table`, by identity.

    So whatever reads a feature after it was kept, a shortcut too, reads the feature itself, and a
    derivative with respect to it is whole.
    """

    def __init__(self) -> None:
        super().__init__()
        self.table: dict[int, Tensor] = {}

    def of(self, value: Any) -> Any:
        return self.table.get(id(value), value)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if self.table:
            args = pytree.tree_map(self.of, args)
            kwargs = pytree.tree_map(self.of, kwargs or {})
        return func(*args, **(kwargs or {}))


class FeatureWatch:
    """Keeps features, and where there is a tape every map.

    `reads`: use of a map → the layer that it reads, of the uses that start a layer; `layouts`: rows
    of every use; `scales`: extents of the outputs of batch norms, by use; `taped`: uses to note.
    """

    def __init__(
        self,
        reads: Mapping[str, int],
        layouts: Mapping[str, Layout],
        scales: Mapping[str, Extent],
        taped: Collection[str],
        dtype: torch.dtype,
        tape: Tape | None = None,
        replacing: Replacing | None = None,
    ) -> None:
        self.features: dict[int, Tensor] = {}
        self._reads, self._layouts, self._scales = reads, layouts, scales
        self._taped = taped
        self._dtype, self._tape, self._replacing = dtype, tape, replacing
        self._count: Counter[str] = Counter()
        self._kept: list[Tensor] = []
        self._open: dict[str, Tensor] = {}

    def before(self, name: str, x: Tensor) -> Tensor:
        if self._replacing is not None:
            x = self._replacing.of(x)
        self._count[name] += 1
        use = use_name(name, self._count[name])
        layer = self._reads.get(use)
        if layer is not None:
            x = self._feature(layer, self._layouts[use].read, x)
        self._open[name] = x
        return x

    def after(self, name: str, y: Tensor) -> Tensor:
        read = self._open.pop(name)
        use = use_name(name, self._count[name])
        if self._tape is None or use not in self._taped:
            return y
        layout = self._layouts[use]
        read_as = functools.partial(layout.rows_read, dtype=self._dtype)
        self._tape.note(use, read, y, read_as, layout.rows_given)
        # A copy goes on: what follows may change it in place.
        return y.clone()

    def scaled(self, name: str, normalised: Tensor, y: Tensor) -> Tensor:
        self._count[name] += 1
        use = use_name(name, self._count[name])
        if self._tape is None or use not in self._taped:
            return y

        def rows(t: Tensor) -> Tensor:
            # (sample, multiple, channel, *pixels): pixels are positions.
            return self._scales[use].samples_first(t).movedim(2, -1).flatten(1, -2)[None]

        self._tape.note(use, normalised, y, rows, rows)
        return y.clone()

    def _feature(self, layer: int, extent: Extent, x: Tensor) -> Tensor:
        feature = extent.flat(x)[None]
        if not x.is_floating_point():
            self.features[layer] = feature.to(self._dtype)
            return x
        self.features[layer] = feature
        if self._replacing is None:
            return x
        again = extent.back(feature[0])
        # Kept, so that no other tensor gets its identity.
        self._kept.append(x)
        self._replacing.table[id(x)] = again
        return again
