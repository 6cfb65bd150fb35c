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

from layeratlas.networks.affine import Affine
from layeratlas.signals.network import Network
from layeratlas.signals.tangent.correlations import Correlations, correlations_of, cosines
from layeratlas.signals.tangent.factors import Factors, rows_of_kernel
from layeratlas.signals.tangent.sums import KernelSums, inner_of_centred, sums_of
from layeratlas.signals.tangent.targets import Against, against
from layeratlas.signals.tape import Pass

__all__ = ["LARGEST_KERNEL", "Growth", "Walked", "compared", "factors", "growth", "walked"]

#: Bytes of cotangents that are made together, where one map does not need more.
GROUP = 2**26

#: Bytes of the kernel of a whole network that may be kept.
LARGEST_KERNEL = 2**32


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
    maps = network.family.affines
    for first, last in _groups(seen, maps):
        noted = seen.noted[first:last]
        found: list[list[Tensor]] = [[] for _ in noted]
        with torch.enable_grad():
            for scalar in seen.outputs():
                of_output = torch.autograd.grad(
                    scalar,
                    [one.given for one in noted],
                    retain_graph=True,
                    allow_unused=True,
                    materialize_grads=True,
                )
                for kept, gradient in zip(found, of_output, strict=True):
                    kept.append(gradient)
        for at, (one, gradients) in enumerate(zip(noted, found, strict=True), start=first):
            # (member, output, sample, position, fan_out)
            cotangents = torch.stack([one.cotangent(g) for g in gradients], dim=1)
            gradients.clear()
            inputs = one.inputs.detach()
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
                maps[m].append(sums_of(rows_of_kernel(one), vectors[m], whole[m]))
                alike[m].append(correlations_of(one))
        kept = [k for k in whole if k is not None]
        of_all = [
            sums_of(((c, k[c, :, : c + 1]) for c in range(outputs)), v)
            for k, v in zip(kept, vectors, strict=False)
        ]
    for k in kept:
        _mirror(k)
    return Walked(maps, alike, of_all, kept, held)


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

    `along_labels` r₁ = yᵀ dK y / yᵀ K y and `of_norm` r₂ = ⟨K, dK⟩/‖K‖², of centred kernels.
    """

    along_labels: np.ndarray
    of_norm: np.ndarray


def growth(network: Network, before: Pass, seen: Pass) -> Growth:
    """Kernels of two moments of the same networks, map by map."""
    n = seen.f.shape[1]
    found: list[list[tuple[float, float]]] = []
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
                found[-1].append((r1, r2))
    both = np.array(found)
    return Growth(both[..., 0], both[..., 1])
