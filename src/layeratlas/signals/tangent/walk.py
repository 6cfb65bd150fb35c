"""One walk over the affine maps of a pass: tangent kernels come and go, sums over them stay.

Cotangents of every output are made for a group of maps at a time, by one backward pass an output
that goes no further than the group, so memory does not grow with depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from layeratlas.errors import LayerAtlasError
from layeratlas.networks.affine import Affine
from layeratlas.signals.network import Network
from layeratlas.signals.signal import LARGEST_KERNEL
from layeratlas.signals.tangent.correlations import Correlations, correlations_of, cosines
from layeratlas.signals.tangent.factors import Factors, rows_of_kernel
from layeratlas.signals.tangent.sums import KernelSums, inner_of_centred, sums_of, sums_together
from layeratlas.signals.tangent.targets import Against, against
from layeratlas.signals.tape import Pass

__all__ = ["Growth", "Walked", "compared", "factors", "growth", "walked", "whole_of", "with_whole"]

#: Bytes of cotangents that are made together, where one map does not need more.
GROUP = 2**26


@dataclass(frozen=True)
class Walked:
    """Of every network: sums over the kernel of each map, and of all of them together.

    `maps[member][affine]`, `correlations[member][affine]`, `network[member]`; `whole[member]`: the
    kernel of the network, `(output, sample, output, sample)`, in the precision of training.
    """

    maps: list[list[KernelSums]]
    correlations: list[list[Correlations]]
    network: list[KernelSums]
    whole: list[Tensor]
    against: list[Against]


def factors(network: Network, seen: Pass) -> Iterator[tuple[int, list[Factors]]]:
    """Each affine map in order, with its factors in every network."""
    maps, outputs = network.affines, seen.f.shape[-1]
    for first, last in _groups(seen, maps):
        noted = seen.noted[first:last]
        # Rows (member, output, sample, position, fan_out); gradients themselves are let go.
        found: list[Tensor | None] = [None for _ in noted]
        with torch.enable_grad():
            for output, scalar in enumerate(seen.outputs()):
                gradients = torch.autograd.grad(
                    scalar,
                    [one.given for one in noted],
                    retain_graph=True,
                    allow_unused=True,
                    materialize_grads=True,
                )
                for at, (one, gradient) in enumerate(zip(noted, gradients, strict=True)):
                    rows = one.cotangent(gradient)
                    kept = found[at]
                    if kept is None:
                        kept = found[at] = rows.new_empty(len(rows), outputs, *rows.shape[1:])
                    kept[:, output] = rows
        for at, one in enumerate(noted, start=first):
            inputs, cotangents = one.inputs.detach(), found[at - first]
            assert cotangents is not None, "a network has outputs"
            found[at - first] = None
            yield at, [Factors(maps[at], x, d) for x, d in zip(inputs, cotangents, strict=True)]


def _groups(seen: Pass, maps: Sequence[Affine]) -> Iterator[tuple[int, int]]:
    """Ranges of maps whose cotangents are made together."""
    outputs = seen.f.shape[-1]
    sizes = [outputs * one.given.numel() * one.given.element_size() for one in seen.noted]
    most = max(GROUP, *sizes)
    first, held = 0, 0
    for at, size in enumerate(sizes):
        if held and held + size > most:
            yield first, at
            first, held = at, 0
        held += size
    yield first, len(maps)


def walked(network: Network, seen: Pass) -> Walked:
    """Sums over the tangent kernels of all maps, and over the network's."""
    members, n, outputs = seen.f.shape
    held = [against(f, seen.targets, seen.loss, seen.key) for f in seen.f]
    vectors = [one.vectors for one in held]
    keeps = (outputs * n) ** 2 * seen.f.element_size() <= LARGEST_KERNEL
    whole = [seen.f.new_zeros(outputs, n, outputs, n) if keeps else None for _ in range(members)]
    maps: list[list[KernelSums]] = [[] for _ in range(members)]
    alike: list[list[Correlations]] = [[] for _ in range(members)]
    with torch.no_grad():
        for _, each in factors(network, seen):
            for m, one in enumerate(each):
                rows, permuted = rows_of_kernel(one), held[m].permuted
                maps[m].append(sums_of(rows, vectors[m], permuted, whole[m]))
                alike[m].append(correlations_of(one))
        kept = [k for k in whole if k is not None]
        of_all = [
            sums_together(each, ((c, k[c, :, : c + 1]) for c in range(outputs)))
            for each, k in zip(maps, kept, strict=False)
        ]
    for k in kept:
        _mirror(k)
    return Walked(maps, alike, of_all, kept, held)


def with_whole(network: Network, walk: Walked) -> Walked:
    """The same; LayerAtlasError where the kernel of the network is not there.

    It is too large to be kept, or not the sum of its maps': of one tensor that two maps have, the
    gradient is a sum, and the kernel has products of both uses.
    """
    maps = network.affines
    twice = [a.name for i, a in enumerate(maps) if a.weight in {b.weight for b in maps[:i]}]
    if twice:
        raise LayerAtlasError(
            f"maps share their weights ({twice[0]!r} is used before under another name), so that "
            "the network's kernel is not the sum of its maps': leave metrics of the network out"
        )
    if len(walk.whole) < len(walk.against):
        outputs, n = walk.against[0].labels.shape
        raise LayerAtlasError(
            f"the tangent kernel of {n} samples and {outputs} outputs takes more than "
            f"{LARGEST_KERNEL / 2**30:g} GiB, so it is not kept: give the view fewer images"
        )
    return walk


def whole_of(one: Factors) -> Tensor:
    """The kernel of one map, `(output, sample, output, sample)`."""
    outputs, n = one.cotangents.shape[:2]
    kernel = one.inputs.new_zeros(outputs, n, outputs, n)
    for c, rows in rows_of_kernel(one):
        kernel[c, :, : c + 1] = rows
    _mirror(kernel)
    return kernel


def _mirror(kernel: Tensor) -> None:
    """Blocks above the diagonal, of those below."""
    for c in range(len(kernel)):
        kernel[:c, :, c] = kernel[c, :, :c].permute(1, 2, 0)


def compared(network: Network, seen: Pass) -> list[list[tuple[Tensor, Tensor]]]:
    """Cosines of every pair of examples, forward `(pair,)` and backward `(output, pair)`.

    `[member][affine]`; NaN where an example has no direction.
    """
    found: list[list[tuple[Tensor, Tensor]]] = [[] for _ in seen.f]
    with torch.no_grad():
        for _, each in factors(network, seen):
            for m, one in enumerate(each):
                a, g = one.inputs.flatten(1), one.cotangents.flatten(2)
                found[m].append((cosines(a), cosines(g)))
    return found


@dataclass(frozen=True)
class Growth:
    """How kernels changed from one record to the next, `(affine, member)` each.

    `along_labels` r₁ = yᵀ dK y / yᵀ K y and `of_norm` r₂ = ⟨K, dK⟩/‖K‖², of centred kernels;
    `of_alignment` the change of log A itself, of which r₁ − r₂ is the first order.
    """

    along_labels: np.ndarray
    of_norm: np.ndarray
    of_alignment: np.ndarray


def growth(network: Network, before: Pass, seen: Pass) -> Growth:
    """Kernels of two moments of the same networks, map by map."""
    n = seen.f.shape[1]
    found: list[list[tuple[float, float, float]]] = []
    labels = [against(f, seen.targets, seen.loss, seen.key).labels[..., None] for f in seen.f]
    with torch.no_grad():
        pairs = zip(factors(network, before), factors(network, seen), strict=True)
        for (_, olds), (_, news) in pairs:
            found.append([])
            for y, old, new in zip(labels, olds, news, strict=True):
                at_old, at_new = (sums_of(rows_of_kernel(one), y) for one in (old, new))
                had, has = (
                    float((y.double() * sums.applied.double()).sum()) for sums in (at_old, at_new)
                )
                inner = inner_of_centred(rows_of_kernel(old), rows_of_kernel(new), n)
                with np.errstate(divide="ignore", invalid="ignore"):
                    r1 = np.float64(has - had) / had
                    r2 = np.float64(inner) / at_old.centred_square - 1.0
                    norms = np.float64(at_new.centred_square) / at_old.centred_square
                    change = np.log(np.float64(has) / had) - np.log(norms) / 2
                found[-1].append((r1, r2, change))
    all_three = np.array(found)
    return Growth(all_three[..., 0], all_three[..., 1], all_three[..., 2])
