"""Networks of a probe: one draw of weights, many settings.

Draws are standard normal and shared; what a setting changes (branch scale, spread of each layer)
multiplies what comes out of them. Formulas and symbols: `layeratlas.probes`. A draw of depth 500
and width 500 is 0.25 GB.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layeratlas.networks.scalings import ScalingError
from layeratlas.probes.products import product, transposed_product
from layeratlas.runs.streams import generator

__all__ = ["Network", "Weights", "draw", "mlp", "resnet"]

# A drawn normal is a 16-bit multiple of this: ±8 standard deviations.
_UNIT = 2.0**-12


@dataclass(frozen=True)
class Weights:
    """One draw, or one trained network: matrices `(out, in)` and perhaps biases `(out,)`.

    A draw holds standard normals; `Network.multipliers` turns them into weights of any spread.
    unit: what a stored number of a matrix is worth.
    """

    matrices: Sequence[np.ndarray]
    biases: Sequence[np.ndarray] | None = None
    unit: float = 1.0

    def __post_init__(self):
        if len(self.matrices) < 3:
            raise ScalingError(
                "depth must be at least 3 (input, hidden and output matrices), "
                f"not {len(self.matrices)}"
            )
        for below, above in zip(self.matrices, self.matrices[1:], strict=False):
            if above.shape[1] != below.shape[0]:
                raise ValueError(f"a matrix {above.shape} cannot follow a matrix {below.shape}")

    @property
    def depth(self) -> int:
        return len(self.matrices)

    def matrix(self, layer: int) -> np.ndarray:
        """W_l in double precision, `(out, in)`; layer counts from 1."""
        return self.unit * self.matrices[layer - 1].astype(float)

    def product(self, layer: int, vectors: np.ndarray) -> np.ndarray:
        """W_l u of every u, `(…, in)` → `(…, out)`."""
        return product(self.matrices[layer - 1], vectors, self.unit)

    def transposed_product(self, layer: int, vectors: np.ndarray, factor) -> np.ndarray:
        """factor ∘ W_lᵀ u of every u, `(…, out)` → `(…, in)`."""
        return transposed_product(self.matrices[layer - 1], vectors, factor, self.unit)


def draw(seed: int, depth: int, width: int, n_inputs: int = 10, n_outputs: int = 1) -> Weights:
    """Standard normal matrices W_1 `(m, d)`, W_l `(m, m)`, W_L `(k, m)`, 2 L m² bytes.

    Normals are rounded to multiples of 1/4096 and stored as 16-bit integers: their variance grows
    by 5·10⁻⁹. The numbers are exact from there on, and whatever is computed with them is double.
    Layer l has its own stream, keyed by (seed, l): networks of different depths share their first
    layers, whatever their branch scale or spread. ScalingError if depth < 3.
    """
    if depth < 3:
        raise ScalingError(
            f"depth must be at least 3 (input, hidden and output matrices), not {depth}"
        )
    # Transposes lie in memory (see `probes.products`), in one block: large pages are read faster.
    hidden = np.empty((depth - 2, width, width), np.int16)
    stored = [
        np.empty((n_inputs, width), np.int16),
        *hidden,
        np.empty((width, n_outputs), np.int16),
    ]
    for layer, matrix in enumerate(stored, start=1):
        normals = generator(seed, f"probe/weight_{layer}").standard_normal(matrix.shape, np.float32)
        normals *= 1 / _UNIT
        matrix[:] = np.rint(normals, out=normals)
    return Weights([matrix.T for matrix in stored], unit=_UNIT)


@dataclass(frozen=True)
class Network:
    """What turns a draw into networks, one a setting.

    branch_scale: β, `(setting,)`, 1 for an MLP; multipliers: by what matrix l of the draw is
    multiplied, `(setting, L)`; output_activation: whether the read-out sees φ(f_{L−1}).
    """

    branch_scale: np.ndarray
    multipliers: np.ndarray
    output_activation: bool = False
    negative_slope: float = 0.0

    @property
    def settings(self) -> int:
        return self.multipliers.shape[0]

    @property
    def depth(self) -> int:
        return self.multipliers.shape[1]

    @functools.cached_property
    def scales(self) -> np.ndarray:
        """Multipliers, to scale `(setting, sample, unit)` arrays: `(L, setting, 1, 1)`."""
        return np.ascontiguousarray(self.multipliers.T)[:, :, None, None]

    @functools.cached_property
    def skip(self) -> np.ndarray:
        """a = √(1 − β²), `(setting, 1, 1)`."""
        return np.sqrt((1 - self.branch_scale) * (1 + self.branch_scale))[:, None, None]

    @functools.cached_property
    def has_shortcut(self) -> bool:
        return bool((self.branch_scale != 1).any())

    def phi(self, f):
        """φ(f)."""
        if self.negative_slope == 0:
            return np.maximum(f, 0.0)
        return np.where(f > 0, f, self.negative_slope * f)

    def is_branch(self, layer: int) -> bool:
        """Whether layer l is a hidden one, with branch scale and shortcut."""
        return 1 < layer < self.depth

    def is_active(self, layer: int) -> bool:
        """Whether W_l sees φ(f_{l−1}) rather than f_{l−1}."""
        return self.is_branch(layer) or (layer == self.depth and self.output_activation)

    def incoming(self, f, layer: int, change=None):
        """g_l, what W_l multiplies; with `change`, its exact change when f_{l−1} changes so."""
        if change is None:
            g = self.phi(f) if self.is_active(layer) else f
        else:
            g = self.phi(f + change) - self.phi(f) if self.is_active(layer) else change
        return self._scaled(g, layer)

    def slope(self, f, layer: int):
        """∂g_l/∂f_{l−1}, diagonal: β φ′(f_{l−1}) in a branch."""
        if not self.is_active(layer):
            return np.ones(f.shape)
        derivative = (f > 0).astype(float)
        if self.negative_slope != 0:
            derivative += self.negative_slope * (1 - derivative)
        return self._scaled(derivative, layer)

    def _scaled(self, g, layer: int):
        if self.has_shortcut and self.is_branch(layer):
            return self.branch_scale[:, None, None] * g
        return g

    def shortcut(self, f, layer: int):
        """a f_{l−1} where layer l has a skip connection, else 0."""
        return self.skip * f if self.has_shortcut and self.is_branch(layer) else 0.0

    def product(self, weights: Weights, layer: int, vectors: np.ndarray) -> np.ndarray:
        """W_l u of every u with the multiplier of each setting, `(setting, sample, out)`."""
        out = weights.product(layer, vectors)
        out *= self.scales[layer - 1]
        return out


def resnet(
    depth: int,
    width: int,
    branch_scale,
    *,
    n_inputs: int = 10,
    output_std=None,
    stds=None,
    negative_slope: float = 0.0,
) -> Network:
    """ResNets of Eq. 12, one for each combination of the broadcast branch_scale and output_std.

    By default σ_1 = 1/√d, σ_l = √(2/((1 + s²) m)), σ_L = 1/m; `stds`, `(L,)` or `(setting, L)`
    (`networks.scalings.Table.stds`), replaces them. β = 1 is the MLP without an activation
    before the read-out, the form of the paper's figures. ScalingError if β lies outside [0, 1]
    or depth < 3.
    """
    beta = np.atleast_1d(np.asarray(branch_scale, float))
    if not ((beta >= 0) & (beta <= 1)).all():
        raise ScalingError(f"branch_scale must lie in [0, 1], not {branch_scale}")
    multipliers = _multipliers(depth, width, n_inputs, output_std, stds, negative_slope)
    settings = np.broadcast_shapes(beta.shape, multipliers.shape[:1])[0]
    return Network(
        np.broadcast_to(beta, (settings,)),
        np.broadcast_to(multipliers, (settings, depth)),
        negative_slope=negative_slope,
    )


def mlp(
    depth: int,
    width: int,
    *,
    n_inputs: int = 10,
    output_std=None,
    stds=None,
    negative_slope: float = 0.0,
) -> Network:
    """MLPs of Eq. 10, one a row of `stds` or an entry of output_std; defaults as for `resnet`."""
    multipliers = _multipliers(depth, width, n_inputs, output_std, stds, negative_slope)
    return Network(np.ones(len(multipliers)), multipliers, True, negative_slope)


def _multipliers(depth, width, n_inputs, output_std, stds, negative_slope) -> np.ndarray:
    if depth < 3:
        raise ScalingError(
            f"depth must be at least 3 (input, hidden and output matrices), not {depth}"
        )
    if stds is not None:
        multipliers = np.atleast_2d(np.asarray(stds, float))
        if multipliers.shape[1] != depth:
            raise ScalingError(f"stds must have {depth} entries, not {multipliers.shape[1]}")
        return multipliers
    output_std = np.atleast_1d(1 / width if output_std is None else np.asarray(output_std, float))
    multipliers = np.full((len(output_std), depth), np.sqrt(2 / ((1 + negative_slope**2) * width)))
    multipliers[:, 0] = n_inputs**-0.5
    multipliers[:, -1] = output_std
    return multipliers
