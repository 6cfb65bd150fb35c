"""What a pass of a user's module does: its maps in their order, its layers, how shapes go.

The main path is made of the maps that lie on a longest chain of maps from the input to the output;
a shortcut lies on shorter ones only. Patterns of names, where the user gives them, say it instead.
"""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from layeratlas.errors import ConfigError
from layeratlas.networks.module.construct import told
from layeratlas.networks.module.extent import BATCHES, Extent
from layeratlas.networks.module.inner import Inner
from layeratlas.networks.module.maps import Layout, kind_of
from layeratlas.networks.module.recording import Recorder
from layeratlas.networks.tape import Affine
from layeratlas.words import listed, quoted, suggestion


@dataclass(frozen=True)
class Survey:
    """`reads`: uses that start a layer → the layer they read; `layouts`, `scales`: by use."""

    affines: tuple[Affine, ...]
    reads: dict[str, int]
    layouts: dict[str, Layout]
    scales: dict[str, Extent]
    layer_names: tuple[str, ...]
    layer_sizes: tuple[int, ...]
    output: Extent
    drops: tuple[tuple[float, Extent], ...]
    graph_size: int


@dataclass
class _Pass:
    recorder: Recorder
    output: Tensor
    drops: list[tuple[float, tuple[int, ...]]]
    saved: int
    changed: list[str]


def survey(
    inner: Inner,
    reference: str,
    input_shape: Sequence[int],
    n_outputs: int,
    patterns: Sequence[str] | None = None,
    *,
    tokens: bool = False,
) -> Survey:
    """Look at passes of a module; ConfigError, one sentence, for what no experiment can train."""
    momenta = [n for n, part in inner.norms.items() if part.momentum is None]
    if momenta:
        raise ConfigError(
            f"model.from: {quoted(reference)}: batch norm {quoted(momenta[0])} has momentum None; "
            "give it a number, such as 0.1"
        )
    x = [_inputs(input_shape, n_outputs, batch, tokens) for batch in BATCHES]
    first, second = (_pass(inner, reference, each, training=True) for each in x)
    _refuse_odd(inner, reference, x[0], first)
    still = [_pass(inner, reference, each, training=False) for each in x]
    for one, two in ((first, second), still):
        _leave_out_constant(one.recorder, two.recorder)
    for found in (first, *still):
        if not found.recorder.uses:
            raise ConfigError(
                f"model.from: {quoted(reference)} has no affine map; a pass must come to at least "
                "one Linear, Conv1d, Conv2d, Embedding or MultiheadAttention"
            )
    output = _extent(reference, "its output", first.output, second.output)
    for one in (first, *still):
        _refuse_output(reference, one.output, n_outputs, tokens)
    if list(first.recorder.uses) != list(still[0].recorder.uses):
        raise ConfigError(
            f"model.from: {quoted(reference)} comes to other maps in training than in evaluation: "
            f"{listed(sorted(set(first.recorder.uses) ^ set(still[0].recorder.uses)), 90)}; let "
            "every pass be the same"
        )
    layouts, scales = {}, {}
    for name, use in first.recorder.uses.items():
        other = second.recorder.uses.get(name)
        extents = [
            _extent(reference, f"map {name!r}", a, getattr(other, which, ()))
            for a, which in ((use.read_shape, "read_shape"), (use.given_shape, "given_shape"))
        ]
        layouts[name] = Layout(inner.maps[use.map], *extents)
    for name, (shape, _) in first.recorder.scales.items():
        other_shape = second.recorder.scales.get(name, ((), None))[0]
        scales[name] = _extent(reference, f"batch norm {name!r}", shape, other_shape)
    if len(first.drops) != len(second.drops):
        raise ConfigError(_changes(reference, "its dropout", len(first.drops), len(second.drops)))
    drops = tuple(
        (rate, _extent(reference, "its dropout", a, b))
        for (rate, a), (_, b) in zip(first.drops, second.drops, strict=True)
    )
    main = _main_path(first, reference, patterns)
    layers = _layers(first, main)
    reads: dict[str, int] = {}
    for name in main:
        reads.setdefault(name, layers[name] - 1)
    starts = {layer: name for name, layer in reversed(reads.items())}
    sizes = [layouts[starts[layer]].read.size for layer in sorted(starts)]
    affines, named = _affines(inner, first, layers, set(main), scales)
    return Survey(
        affines=affines,
        reads={name: layer for layer, name in sorted(starts.items())},
        layouts=layouts,
        scales=named,
        layer_names=("input", *_layer_names(main, layers)),
        layer_sizes=(*sizes, output.size),
        output=output,
        drops=drops,
        graph_size=max(second.saved - first.saved, output.size),
    )


def _pass(inner: Inner, reference: str, x: Tensor, *, training: bool) -> _Pass:
    recorder = Recorder()
    # Graphs of maps need every tensor in them; statistics are moved, so these are copies.
    tensors = {
        name: slot.value.detach().clone().requires_grad_(slot.role != "statistic")
        for name, slot in inner.slots.items()
    }
    own = {tensor.data_ptr() for tensor in tensors.values()}
    sizes: dict[int, int] = {}

    def pack(saved: Tensor) -> Tensor:
        if saved.data_ptr() not in own:
            sizes[saved.data_ptr()] = max(saved.numel(), sizes.get(saved.data_ptr(), 0))
        return saved

    with (
        told(reference, f"fails on {len(x)} inputs of shape {tuple(x.shape[1:])}"),
        torch.enable_grad(),
        torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved),
    ):
        output, held, done = inner(tensors, x, training=training, watch=recorder)
    if not isinstance(output, Tensor):
        raise ConfigError(
            f"model.from: {quoted(reference)} gives a {type(output).__name__}; its forward must "
            "return one tensor, the outputs of every sample"
        )
    changed = [n for n, value in held.items() if not torch.equal(value, inner.slots[n].value)]
    return _Pass(recorder, output, done.drops, sum(sizes.values()), changed)


def _inputs(shape: Sequence[int], n_outputs: int, batch: int, tokens: bool) -> Tensor:
    rng = np.random.default_rng(batch)
    if tokens:
        return torch.as_tensor(rng.integers(n_outputs, size=(batch, *shape)))
    return torch.as_tensor(rng.normal(size=(batch, *shape)), dtype=torch.float32)


def _refuse_odd(inner: Inner, reference: str, x: Tensor, first: _Pass) -> None:
    """ConfigError for what a pass reads or writes besides its inputs and parameters."""
    before = _random_state()
    again = _pass(inner, reference, x, training=True)
    if _random_state() != before:
        raise ConfigError(
            f"model.from: {quoted(reference)} reads randomness in its forward; of what is random "
            "in training only nn.Dropout and nn.MultiheadAttention are known, whose draws a "
            "resumed run repeats"
        )
    if again.output.shape != first.output.shape:
        shapes = tuple(first.output.shape), tuple(again.output.shape)
        raise ConfigError(_changes(reference, "its output", *shapes))
    if list(again.recorder.uses) != list(first.recorder.uses) or any(
        use.given_shape != first.recorder.uses[name].given_shape
        for name, use in again.recorder.uses.items()
    ):
        raise ConfigError(_changes(reference, "what it computes", "once", "then another"))
    if not torch.equal(again.output, first.output):
        raise ConfigError(
            f"model.from: {quoted(reference)} gives other outputs when it is called again with the "
            "same inputs and parameters; it must keep nothing from call to call"
        )
    norms = tuple(f"{name}." if name else "" for name in inner.norms)
    kept = [name for name in first.changed if not name.startswith(norms)]
    if kept:
        raise ConfigError(
            f"model.from: {quoted(reference)} changes its buffer {quoted(kept[0])} in a call; only "
            "the running statistics of nn.BatchNorm may change"
        )


def _random_state() -> tuple[Any, ...]:
    words: Any = np.random.get_state()
    torch_words = torch.get_rng_state().numpy().tobytes()
    return torch_words, random.getstate(), words[1].tobytes(), words[2]


def _leave_out_constant(one: Recorder, two: Recorder) -> None:
    """What reads no sample, such as an embedding of positions, is no map of the network."""
    for name in [*one.uses]:
        use, other = one.uses[name], two.uses.get(name)
        if other is not None and use.read_shape == other.read_shape:
            del one.uses[name], two.uses[name]
    for recorder in (one, two):
        for use in recorder.uses.values():
            use.before &= recorder.uses.keys()


def _refuse_output(reference: str, output: Tensor, n_outputs: int, tokens: bool) -> None:
    shape = tuple(output.shape)
    axes = 3 if tokens else 2
    if len(shape) != axes or shape[-1] != n_outputs:
        wanted = "(sample, position, " if tokens else "(sample, "
        raise ConfigError(
            f"model.from: {quoted(reference)} gives outputs of shape {shape} for {shape[0]} "
            f"samples; the data set asks for {wanted}{n_outputs}): let the last map give "
            f"{n_outputs} outputs, e.g. by taking `n_outputs` in its constructor"
        )


def _extent(reference: str, what: str, first: Any, second: Any) -> Extent:
    shapes = [tuple(getattr(s, "shape", s)) for s in (first, second)]
    try:
        return Extent.of(shapes)
    except ValueError:
        raise ConfigError(_changes(reference, what, *shapes)) from None


def _changes(reference: str, what: str, first: Any, second: Any) -> str:
    return (
        f"model.from: {quoted(reference)} changes its shape between calls: {what} is {first}, then "
        f"{second} (with {BATCHES[0]} and with {BATCHES[1]} samples); one axis may go with the "
        "samples, the others must stay"
    )


# --- the main path --------------------------------------------------------------------------------
def _main_path(found: _Pass, reference: str, patterns: Sequence[str] | None) -> list[str]:
    uses = found.recorder.uses
    if patterns is not None:
        chosen: list[str] = []
        for pattern in patterns:
            matching = [n for n in uses if fnmatch.fnmatchcase(n, pattern) and n not in chosen]
            if not matching:
                raise ConfigError(
                    f"model.layers: {quoted(pattern)} fits no map of {quoted(reference)}; "
                    f"{suggestion(pattern, uses)}its maps are: {listed(uses, 130)}"
                )
            chosen += matching
        return chosen
    ahead: dict[str, int] = {}
    for name, use in uses.items():
        ahead[name] = 1 + max((ahead[n] for n in use.before), default=0)
    last = found.recorder.directly_before(found.output) & uses.keys()
    behind = dict.fromkeys(last, 1)
    for name in reversed(uses):
        if name in behind:
            for earlier in uses[name].before:
                behind[earlier] = max(behind.get(earlier, 0), behind[name] + 1)
    if not behind:
        raise ConfigError(
            f"model.from: {quoted(reference)}: its output depends on none of its maps "
            f"({listed(uses, 100)})"
        )
    longest = max(ahead[name] + behind[name] for name in behind)
    return [name for name in uses if name in behind and ahead[name] + behind[name] == longest]


def _layers(found: _Pass, main: Sequence[str]) -> dict[str, int]:
    """Layer of every use, from 1: on the main path by what it reads, else by what is before."""
    uses = found.recorder.uses
    layers: dict[str, int] = {}
    tensors: list[Tensor] = []
    for name in main:
        read = uses[name].read
        place = next((i for i, known in enumerate(tensors) if known is read), None)
        if place is None:
            tensors.append(read)
            place = len(tensors) - 1
        layers[name] = place + 1
    for name, use in uses.items():
        if name not in layers:
            layers[name] = min(
                1 + max((layers.get(n, 0) for n in use.before), default=0), len(tensors)
            )
    return layers


def _layer_names(main: Sequence[str], layers: dict[str, int]) -> list[str]:
    """A layer is named by the map that gives it; maps that share one by what their names share."""
    groups: dict[int, list[str]] = {}
    for name in main:
        groups.setdefault(layers[name], []).append(name)
    found = []
    for layer in sorted(groups):
        names = groups[layer]
        parts = [name.split(".") for name in names]
        shared = [one[0] for one in zip(*parts, strict=False) if len(set(one)) == 1]
        found.append(names[0] if len(names) == 1 or not shared else ".".join(shared))
    return found


def _affines(
    inner: Inner,
    found: _Pass,
    layers: dict[str, int],
    main: set[str],
    scales: dict[str, Extent],
) -> tuple[tuple[Affine, ...], dict[str, Extent]]:
    """The maps that have a trained weight, in the order of the pass, then those of batch norms."""
    affines = []
    for name, use in found.recorder.uses.items():
        weight, bias = inner.weights[use.map]
        if weight is not None and inner.slots[weight].trained:
            module = inner.maps[use.map]
            affines.append(
                Affine(
                    name,
                    kind_of(module, len(use.read_shape)),
                    weight,
                    bias,
                    layers[name],
                    name in main,
                    groups=module.groups if isinstance(module, nn.Conv1d | nn.Conv2d) else 1,
                    transposed=isinstance(module, nn.Embedding),
                )
            )
    kept = {}
    for name, (_, last) in found.recorder.scales.items():
        weight, bias = inner.weights[name.partition("@")[0]]
        if weight is not None and inner.slots[weight].trained:
            layer = 0 if last is None else layers[last]
            affines.append(Affine(name, "scale", weight, bias, layer, last in main or last is None))
            kept[name] = scales[name]
    return tuple(affines), kept
