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
from layeratlas.networks.tape import Rows, Tape


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


class TapeOfMembers:
    """A tape of members that go one by one: each notes what it has, then all are on the tape.

    What a map gives is kept in one leaf Y, `(member, …)`, and the pass goes on with
    Y_e + (y_e − [y_e]), [·] without derivative: the value is y_e, a derivative with respect to Y_e
    is that with respect to y_e, and what is before the map gets its own.
    """

    def __init__(self, tape: Tape, members: int) -> None:
        self._tape, self._members = tape, members
        self.member = 0
        self._read: dict[str, list[Tensor]] = {}
        self._given: dict[str, Tensor] = {}
        self._rows: dict[str, tuple[Rows, Rows]] = {}

    def note(self, name: str, read: Tensor, y: Tensor, rows_read: Rows, rows_given: Rows) -> Tensor:
        """Keep a map of the member at hand; what the pass goes on with."""
        if self._members == 1:
            self._tape.note(name, read, y, rows_read, rows_given)
            # A copy goes on: what follows may change it in place.
            return y.clone()
        if name not in self._given:
            self._given[name] = y.new_empty((self._members, *y.shape)).requires_grad_()
            self._read[name], self._rows[name] = [], (rows_read, rows_given)
        with torch.no_grad():
            self._given[name][self.member].copy_(y)
        self._read[name].append(read)
        return self._given[name][self.member] + (y - y.detach())

    def close(self) -> None:
        """Put all on the tape, rows with a member axis."""
        for name, given in self._given.items():
            of_read, of_given = (functools.partial(_each, rows=rows) for rows in self._rows[name])
            self._tape.note(name, torch.stack(self._read[name]), given, of_read, of_given)


def _each(x: Tensor, rows: Rows) -> Tensor:
    return torch.cat([rows(one) for one in x])


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
        tape: TapeOfMembers | None = None,
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
        # Tokens are whole numbers; one-hot rows of them are as what the map gives.
        read_as = functools.partial(layout.rows_read, dtype=y.dtype)
        return self._tape.note(use, read, y, read_as, layout.rows_given)

    def scaled(self, name: str, normalised: Tensor, y: Tensor) -> Tensor:
        self._count[name] += 1
        use = use_name(name, self._count[name])
        if self._tape is None or use not in self._taped:
            return y

        def rows(t: Tensor) -> Tensor:
            # (sample, multiple, channel, *pixels): pixels are positions.
            return self._scales[use].samples_first(t).movedim(2, -1).flatten(1, -2)[None]

        return self._tape.note(use, normalised, y, rows, rows)

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
