"""The affine maps that a network is made of, by name; light, unlike the tape that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from layeratlas.words import listed, quoted

AffineKind = Literal["dense", "conv", "token", "scale"]


@dataclass(frozen=True)
class Affine:
    """One affine map of a network, h = W x + b at every position of a sample.

    `weight` and `bias` are names in the family's layout; `layer` counts as the paper does, and
    several maps may share one. A map off the main path (`main_path` False) is a shortcut. The kind
    `scale` is the affine pair of a batch norm, y = γ x̂ + β: W is diagonal, `weight` is γ. A
    convolution of several `groups` keeps the blocks of W that are not zero; an embedding keeps W
    `transposed`, (fan_in, fan_out). `layeratlas.networks.tape.matrix` gives W whatever the map.
    A part of a map, `part` (i, n), has the i-th of n equal ranges of its outputs; `within` is then
    the name of the whole map.
    """

    name: str
    kind: AffineKind
    weight: str
    bias: str | None
    layer: int
    main_path: bool = True
    groups: int = 1
    transposed: bool = False
    part: tuple[int, int] | None = None
    within: str = ""

    @property
    def noted(self) -> str:
        """The name under which a pass notes it."""
        return self.within or self.name


def stacked(
    kinds: Sequence[AffineKind], normalised: int, biased: Sequence[bool]
) -> tuple[Affine, ...]:
    """Maps of a stack (`layeratlas.networks.stack.layouts`), as a pass comes to them.

    `kinds[l - 1]` is layer l's kind and `biased[l - 1]` whether its bias is added to W x; layers
    0 … `normalised` - 1 have a batch norm.
    """
    found = []
    for layer in range(len(kinds) + 1):
        if layer:
            bias = f"bias_{layer}" if biased[layer - 1] else None
            found.append(Affine(f"layer_{layer}", kinds[layer - 1], f"weight_{layer}", bias, layer))
        if layer < normalised:
            found.append(
                Affine(f"batch_norm_{layer}", "scale", f"scale_{layer}", f"shift_{layer}", layer)
            )
    return tuple(found)


#: Families whose maps are those of a stack.
_STACKS = ("mlp", "residual_mlp", "block_cnn")


def stack_of(model: Mapping[str, Any]) -> tuple[Affine, ...] | None:
    """Names and layers of a network's maps where its settings tell; None of other families.

    Kinds and biases are not told. For planning, which does without arrays.
    """
    if model["family"] not in _STACKS:
        return None
    depth = model["depth"]
    normalised = depth if model.get("batch_norm") else 0
    return stacked(["dense"] * depth, normalised, [False] * depth)


def chosen_maps(maps: Sequence[Affine], patterns: Sequence[str] | None) -> tuple[Affine, ...]:
    """Those whose names match one of the patterns (`*`, `?`, `[…]`), in order; None: all.

    ValueError, a part of a sentence, for a pattern that matches none.
    """
    if patterns is None:
        return tuple(maps)
    for pattern in patterns:
        if not any(fnmatchcase(one.name, pattern) for one in maps):
            names = listed([one.name for one in maps])
            raise ValueError(f"{quoted(pattern)} matches no affine map; there are {names}")
    return tuple(one for one in maps if any(fnmatchcase(one.name, p) for p in patterns))


def with_parts(
    maps: Sequence[Affine], parts: Mapping[str, Sequence[str]] | None
) -> tuple[Affine, ...]:
    """Maps of which those that match a pattern are shown in parts, in the order of their outputs.

    `parts` gives the names of parts by pattern; a part of `qkv` is called `qkv.<name>`. ValueError,
    a part of a sentence, for a pattern that matches none or only maps that have no such parts.
    """
    for pattern in parts or {}:
        chosen_maps([one for one in maps if _has_parts(one)], [pattern])
    found: list[Affine] = []
    for one in maps:
        names = next((n for p, n in (parts or {}).items() if fnmatchcase(one.name, p)), None)
        if names is None or not _has_parts(one):
            found.append(one)
            continue
        found += [
            replace(one, name=f"{one.name}.{name}", part=(i, len(names)), within=one.name)
            for i, name in enumerate(names)
        ]
    return tuple(found)


def _has_parts(one: Affine) -> bool:
    """Whether its outputs are rows of one matrix."""
    return one.kind in ("dense", "token", "conv") and one.groups == 1 and not one.transposed
