"""How fast features move in one gradient step (Chizat and Netrapalli, NeurIPS 2024).

A network f_l = T_l(f_{l−1}, w_l), l = 1 … L, and a loss of f_L. With b_l = ∂loss/∂f_l (the backward
pass), G_l the gradient of matrix l and η_l its learning rate, gradient flow moves w_l at −η_l G_l
and feature l at velocity ḟ_l. The angle θ_v between ḟ_v and −b_v (backward–feature angle) obeys,
for every architecture and at any time,

    |ḟ_v| cos θ_v |b_v| = D_v := Σ_{l≤v} C_l,   C_l := η_l |G_l|²   (feature speed formula)

D_v is the loss decay due to layers up to v, S_v := |ḟ_v|_rms / D_v the sensitivity of feature v.

Networks, with φ(z) = z for z > 0 and s z otherwise (s = 0 ReLU, s = 1 linear), a = √(1 − β²):

    f_1 = W_1 x,   f_l = a f_{l−1} + β W_l φ(f_{l−1}),   f_L = W_L f_{L−1}      ResNet (Eq. 12)
    β = 1 and f_L = W_L φ(f_{L−1})                                            MLP (Eq. 10)

A batch is part of the feature: norms and angles run over samples and units together. No gradient
matrix is formed: with g_l the vector that W_l multiplies, β included, G_l = Σ_i b_l(i) g_l(i)ᵀ, so
|G_l|² = Σ_ij (b_l(i)·b_l(j)) (g_l(i)·g_l(j)), and velocities need products of samples only.

Arrays are float64, `(setting, sample, unit)`: several settings (branch scales, initial spreads)
share one draw of weights. A draw of depth 500 and width 500 is 0.25 GB.

    >>> weights = draw(seed=0, depth=10, width=200)
    >>> network = resnet(10, 200, branch_scale=[0.1, 0.3])
    >>> probe(weights, network, np.ones(10), Square(1.0)).theta.shape      # (setting, 0 … L)
    (2, 11)

Source: the paper's Thm 2.1, Def. 3.1, §4.2; specification §1.3–1.5, §2.6, §5.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np

from layeratlas.probes.products import product, transposed_product
from layeratlas.scalings import ScalingError
from layeratlas.training.streams import generator

__all__ = [
    "CrossEntropy",
    "Linear",
    "MeanSquare",
    "Network",
    "Pass",
    "Probe",
    "Square",
    "Weights",
    "backward_feature_angle",
    "balanced_rates",
    "calibrate_fsc",
    "draw",
    "feature_kernels",
    "finite_changes",
    "jacobians",
    "kernel_moments",
    "measure",
    "mlp",
    "passes",
    "probe",
    "probe_draws",
    "resnet",
    "spectral_moment_ratio",
    "trained_rates",
    "velocities",
]

# A drawn normal is a 16-bit multiple of this: ±8 standard deviations.
_UNIT = 2.0**-12


# --- Losses ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Linear:
    """loss = Σ_i b(i)·f_L(i), with the backward pass b prescribed, broadcast to `f_L`."""

    gradient_at_output: np.ndarray | float = 1.0

    def value(self, f):
        return _total(self.gradient(f) * f)

    def gradient(self, f):
        return np.broadcast_to(np.asarray(self.gradient_at_output, float), f.shape)

    def difference(self, f, change):
        """loss(f + change) − loss(f) without cancellation, `(setting,)`."""
        return _total(self.gradient(f) * change)

    def hessian_product(self, f, v):
        return np.zeros_like(v)


@dataclass(frozen=True)
class Square:
    """loss = Σ_i |f_L(i) − y(i)|²/(2 k n) of n samples and k outputs; y broadcast to `f_L`."""

    target: np.ndarray | float

    def value(self, f):
        error = f - self.target
        return _total(error * error) / (2 * self._count(f))

    def gradient(self, f):
        return (f - self.target) / self._count(f)

    def difference(self, f, change):
        """loss(f + change) − loss(f) without cancellation, `(setting,)`."""
        return _total((f - self.target + change / 2) * change) / self._count(f)

    def hessian_product(self, f, v):
        return v / self._count(f)

    @staticmethod
    def _count(f) -> int:
        return f.shape[1] * f.shape[2]


@dataclass(frozen=True)
class MeanSquare(Square):
    """loss = Σ_i |f_L(i) − y(i)|²/(k n): twice `Square`, the squared loss of training."""

    @staticmethod
    def _count(f) -> float:
        return f.shape[1] * f.shape[2] / 2


@dataclass(frozen=True)
class CrossEntropy:
    """loss = mean over samples of ln Σ_c exp f_L(i, c) − f_L(i, y(i)); labels y, `(sample,)`."""

    labels: np.ndarray

    def value(self, f):
        top = f.max(axis=2, keepdims=True)
        log_sum = np.log(np.sum(np.exp(f - top), axis=2)) + top[..., 0]
        return np.mean(log_sum - np.sum(self._one_hot(f) * f, axis=2), axis=1)

    def gradient(self, f):
        return (self._softmax(f) - self._one_hot(f)) / f.shape[1]

    def difference(self, f, change):
        """loss(f + change) − loss(f) without cancellation, `(setting,)`."""
        log_ratio = np.log1p(np.sum(self._softmax(f) * np.expm1(change), axis=2))
        return np.mean(log_ratio - np.sum(self._one_hot(f) * change, axis=2), axis=1)

    def hessian_product(self, f, v):
        p = self._softmax(f)
        return p * (v - np.sum(p * v, axis=2, keepdims=True)) / f.shape[1]

    def _one_hot(self, f):
        return np.eye(f.shape[2])[np.asarray(self.labels)]

    @staticmethod
    def _softmax(f):
        e = np.exp(f - f.max(axis=2, keepdims=True))
        return e / e.sum(axis=2, keepdims=True)


# --- Networks --------------------------------------------------------------------------------


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
    (`layeratlas.scalings.Table.stds`), replaces them. β = 1 is the MLP without an activation before
    the read-out, the form of the paper's figures. ScalingError if β lies outside [0, 1] or
    depth < 3.
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


# --- Forward, backward, velocity -------------------------------------------------------------


@dataclass(frozen=True)
class Pass:
    """A forward and a backward pass.

    f: f_0 … f_L; g: None, g_1 … g_L; b: None, b_1 … b_L; each `(setting, sample, unit)`.
    input_gram: g_l(i)·g_l(j) (+ 1 with a bias), `(setting, L + 1, sample, sample)`;
    gradient_square: |G_l|², biases included, `(setting, L + 1)`. Index 0 of both is NaN.
    """

    weights: Weights
    network: Network
    loss: Linear | Square | CrossEntropy
    f: list[np.ndarray]
    g: list[np.ndarray | None]
    b: list[np.ndarray | None]
    input_gram: np.ndarray
    gradient_square: np.ndarray

    def gradient(self, layer: int) -> np.ndarray:
        """G_l with respect to the matrix as used (multiplier included), `(setting, out, in)`."""
        return self.b[layer].swapaxes(1, 2) @ self.g[layer]

    def matrix(self, layer: int) -> np.ndarray:
        """W_l as used, `(setting, out, in)`."""
        return self.network.scales[layer - 1] * self.weights.matrix(layer)


def _multiply(weights: Weights, network: Network, layer: int, rows):
    """W_l u with the multiplier of each setting."""
    out = weights.product(layer, rows)
    out *= network.scales[layer - 1]
    return out


def passes(weights: Weights, network: Network, inputs, loss) -> Pass:
    """Forward and backward pass of every setting; inputs `(d,)` or `(sample, d)`.

        b_{L−1} = W_Lᵀ b_L,   b_{l−1} = a b_l + β φ′(f_{l−1}) ∘ W_lᵀ b_l

    ValueError if network, weights and inputs do not fit together.
    """
    x = np.atleast_2d(np.asarray(inputs, float))
    depth = weights.depth
    if network.depth != depth:
        raise ValueError(f"the network has depth {network.depth}, the weights {depth}")
    if x.ndim != 2 or x.shape[1] != weights.matrices[0].shape[1]:
        raise ValueError(f"inputs must be (sample, {weights.matrices[0].shape[1]}), not {x.shape}")
    f = [np.broadcast_to(x, (network.settings, *x.shape))]
    g: list = [None]
    for layer in range(1, depth + 1):
        g.append(network.incoming(f[-1], layer))
        h = _multiply(weights, network, layer, g[-1])
        if weights.biases is not None:
            h += weights.biases[layer - 1]
        f.append(h + network.shortcut(f[-1], layer))
    b: list = [None] * depth + [np.array(loss.gradient(f[depth]), float)]
    for layer in range(depth, 1, -1):
        slope = network.slope(f[layer - 1], layer)
        back = weights.transposed_product(layer, b[layer], slope)
        back *= network.scales[layer - 1]
        b[layer - 1] = back + network.shortcut(b[layer], layer)
    n = x.shape[0]
    gram = np.full((depth + 1, network.settings, n, n), np.nan)
    square = np.full((depth + 1, network.settings), np.nan)
    for layers, stacked in _by_shape(g):
        gram[layers] = stacked @ stacked.swapaxes(-1, -2)
    if weights.biases is not None:
        gram += 1.0
    for layers, stacked in _by_shape(b):
        outer = stacked @ stacked.swapaxes(-1, -2)
        square[layers] = _total(gram[layers] * outer)
    gram, square = gram.swapaxes(0, 1), square.T
    return Pass(weights, network, loss, f, g, b, gram, square)


def _by_shape(arrays) -> Iterator[tuple[list[int], np.ndarray]]:
    """Arrays of the same shape stacked, with their places: one call instead of one a layer."""
    groups: dict[tuple, list[int]] = {}
    for place, array in enumerate(arrays):
        if array is not None:
            groups.setdefault(array.shape, []).append(place)
    for places in groups.values():
        yield places, np.stack([arrays[i] for i in places])


def balanced_rates(
    point: Pass, trained: np.ndarray | None = None, *, dead: Literal["raise", "nan"] = "raise"
) -> np.ndarray:
    """η_l = 1/(L |G_l|²) for trained layers, else 0: every C_l is 1/L, `(setting, L)`.

    trained: booleans `(L,)`, by default all. Where a trained layer has no gradient nothing balances
    it: ScalingError, or, with dead="nan", NaN for all layers of that setting.
    """
    depth = point.network.depth
    trained = np.ones(depth, bool) if trained is None else np.asarray(trained, bool)
    square = point.gradient_square[:, 1:]
    lost = (square[:, trained] == 0).any(axis=1)
    if lost.any() and dead == "raise":
        raise ScalingError("a trained layer has gradient zero: no learning rate balances it")
    with np.errstate(divide="ignore"):
        rates = np.where(trained, 1 / (depth * square), 0.0)
    rates[lost] = np.nan
    return rates


def velocities(point: Pass, rates: np.ndarray) -> Iterator[np.ndarray]:
    """ḟ_1 … ḟ_L, each `(setting, sample, unit)`, for learning rates `(setting, L)`. Exact.

        ḟ_l = a ḟ_{l−1} + β W_l (φ′(f_{l−1}) ∘ ḟ_{l−1}) − η_l Σ_j (g_l(i)·g_l(j)) b_l(j)

    A Jacobian–vector product: no step size, no difference; the cost of a forward pass.
    """
    network, previous = point.network, None
    for layer in range(1, network.depth + 1):
        own = point.input_gram[:, layer] @ point.b[layer]
        now = -rates[:, layer - 1, None, None] * own
        if previous is not None:
            tangent = network.slope(point.f[layer - 1], layer) * previous
            now += _multiply(point.weights, network, layer, tangent)
            now += network.shortcut(previous, layer)
        # Nothing moves before the first trained layer: no products there.
        previous = now if previous is not None or rates[:, layer - 1].any() else None
        yield now


def finite_changes(point: Pass, rates: np.ndarray, step: float) -> Iterator[np.ndarray]:
    """f_l(after) − f_l(before), l = 1 … L, of one step w_l −= step · η_l · G_l.

    The change itself is carried from layer to layer, so nothing cancels; the updated matrix is
    never formed: W_new u = W u − step η_l Σ_j b_l(j) (g_l(j)·u). Shapes as `velocities`.
    """
    network, previous = point.network, None
    for layer in range(1, network.depth + 1):
        gram = point.input_gram[:, layer]
        now = 0.0
        if previous is not None:
            change = network.incoming(point.f[layer - 1], layer, previous)
            gram = gram + change @ point.g[layer].swapaxes(1, 2)
            now = _multiply(point.weights, network, layer, change)
            now += network.shortcut(previous, layer)
        now = now - step * rates[:, layer - 1, None, None] * (gram @ point.b[layer])
        previous = now if previous is not None or rates[:, layer - 1].any() else None
        yield now


# --- The probe -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Probe:
    """What one gradient step shows. Layer axis 0 … L (0 is the input), NaN where undefined.

    All but the last three are `(…, setting, L + 1)`:
    f_rms |f_v|_rms; b_rms |b_v|_rms; df_rms |ḟ_v|_rms; cos_theta, theta: backward–feature angle
    θ_v in radians, NaN where no layer up to v is trained; contribution C_l; loss_decay
    D_v = Σ_{l≤v} C_l; sensitivity S_v = |ḟ_v|_rms/D_v. Then `(…, setting)`: loss; loss_change, the
    loss's own change per unit of step (−D_L to first order); learning_rates `(…, setting, L)`.
    With a finite step, velocities are changes divided by the step.
    """

    f_rms: np.ndarray
    b_rms: np.ndarray
    df_rms: np.ndarray
    cos_theta: np.ndarray
    theta: np.ndarray
    contribution: np.ndarray
    loss_decay: np.ndarray
    sensitivity: np.ndarray
    loss: np.ndarray
    loss_change: np.ndarray
    learning_rates: np.ndarray

    @property
    def aligned_rms(self) -> np.ndarray:
        """Part of the velocity along −b_v: −⟨ḟ_v, b_v⟩/(|b_v| √dim) = cos θ_v |ḟ_v|_rms."""
        return self.cos_theta * self.df_rms

    @property
    def feature_per_loss(self) -> np.ndarray:
        """|δf_v|_rms/|δloss|, the paper's estimate of S_v; equal to it if layers > v are frozen."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.df_rms / np.abs(self.loss_change)[..., None]


def probe(
    weights: Weights,
    network: Network,
    inputs,
    loss,
    *,
    trained="hidden",
    learning_rates=None,
    step: float | None = None,
) -> Probe:
    """One gradient step of every setting of one draw: arrays `(setting, L + 1)`.

    trained: `hidden` (first and last matrix frozen, as in the paper's figures), `all`, or booleans
    `(L,)`; learning_rates: η `(L,)` or `(setting, L)`, by default balanced, 1/(L |G_l|²); step:
    None for exact velocities, a number for a finite step of that size. ValueError if shapes
    disagree or `trained` is unknown; ScalingError where no rate can balance a layer.
    """
    point = passes(weights, network, inputs, loss)
    return measure(point, trained_rates(point, trained, learning_rates), step)


def trained_rates(
    point: Pass, trained="hidden", learning_rates=None, *, dead: Literal["raise", "nan"] = "raise"
) -> np.ndarray:
    """η `(setting, L)` of a probe, 0 for frozen layers; arguments and errors as of `probe`.

    `dead` as in `balanced_rates`.
    """
    depth, settings = point.network.depth, point.network.settings
    if isinstance(trained, str):
        if trained not in ("hidden", "all"):
            raise ValueError(f"trained must be 'hidden', 'all' or booleans, not {trained!r}")
        layers = np.arange(1, depth + 1)
        mask = (layers > 1) & (layers < depth) if trained == "hidden" else layers > 0
    else:
        mask = np.asarray(trained, bool)
        if mask.shape != (depth,):
            raise ValueError(f"trained must have {depth} entries, not shape {mask.shape}")
    if learning_rates is None:
        return balanced_rates(point, mask, dead=dead)
    return np.broadcast_to(np.asarray(learning_rates, float), (settings, depth)) * mask


def measure(point: Pass, rates: np.ndarray, step: float | None = None) -> Probe:
    """The probe of a pass with learning rates `(setting, L)`; see `probe`."""
    settings, depth = point.network.settings, point.network.depth
    shape = (settings, depth + 1)
    f_rms, b_rms, df_rms, cos, theta = (np.full(shape, np.nan) for _ in range(5))
    moves = velocities(point, rates) if step is None else finite_changes(point, rates, step)
    moves = [None, *moves]
    for layers, f in _by_shape(point.f):
        f_rms[:, layers] = _rms(f).T
    for layers, move in _by_shape(moves):
        b = np.stack([point.b[layer] for layer in layers])
        b_rms[:, layers] = _rms(b).T
        df_rms[:, layers] = _rms(move).T / (step or 1.0)
        found = backward_feature_angle(move, b)
        cos[:, layers], theta[:, layers] = found[0].T, found[1].T
    change = point.loss.difference(point.f[-1], moves[-1]) / step if step else None
    if change is None:
        change = _total(point.b[-1] * moves[-1])
    contribution = np.full(shape, np.nan)
    contribution[:, 1:] = rates * point.gradient_square[:, 1:]
    decay = np.full(shape, np.nan)
    decay[:, 1:] = np.cumsum(contribution[:, 1:], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        sensitivity = df_rms / decay
    return Probe(
        f_rms=f_rms,
        b_rms=b_rms,
        df_rms=df_rms,
        cos_theta=cos,
        theta=theta,
        contribution=contribution,
        loss_decay=decay,
        sensitivity=sensitivity,
        loss=point.loss.value(point.f[-1]),
        loss_change=change,
        learning_rates=np.array(rates),
    )


def backward_feature_angle(velocity, backward) -> tuple[np.ndarray, np.ndarray]:
    """cos θ and θ between ḟ and −b, `(…, sample, unit)` → `(…)`; NaN where either vanishes.

    θ = atan2(|ḟ's part across b|, ḟ's part along −b): arccos would lose half the digits near 0.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        direction = backward / _norm(backward)[..., None, None]
        along = -_total(direction * velocity)
        across = _norm(velocity + along[..., None, None] * direction)
        length = np.hypot(along, across)
        return along / length, np.where(length > 0, np.arctan2(across, along), np.nan)


def _total(x) -> np.ndarray:
    """Sum over samples and units, `(…, sample, unit)` → `(…)`.

    In one order whatever the layout in memory, which settings beside these would change.
    """
    return np.ascontiguousarray(x).reshape(*x.shape[:-2], -1).sum(axis=-1)


def _norm(x) -> np.ndarray:
    return np.sqrt(_total(x * x))


def _rms(x) -> np.ndarray:
    return _norm(x) / np.sqrt(x.shape[-1] * x.shape[-2])


def probe_draws(
    seeds: Sequence[int],
    network: Network,
    width: int,
    inputs,
    loss,
    **options,
) -> Probe:
    """`probe` of several draws, `(draw, setting, L + 1)`; one draw is in memory at a time."""
    x = np.atleast_2d(np.asarray(inputs, float))
    outputs = options.pop("n_outputs", 1)
    results = []
    for seed in seeds:
        weights = draw(seed, network.depth, width, x.shape[1], outputs)
        results.append(probe(weights, network, x, loss, **options))
        del weights
    return Probe(**{f.name: np.stack([getattr(r, f.name) for r in results]) for f in fields(Probe)})


# --- Kernels and Jacobians -------------------------------------------------------------------


def feature_kernels(point: Pass, rates: np.ndarray, setting: int = 0) -> Iterator[np.ndarray]:
    """K_1 … K_L, backward-to-feature kernels, `(sample·unit, sample·unit)`: ḟ_v = −K_v b_v.

        K_v = A_v K_{v−1} A_vᵀ + η_v (g_v(i)·g_v(j)) ⊗ 1,   A_v = ∂f_v/∂f_{v−1}

    Symmetric, positive semi-definite. Dense: O((n m)² m) a layer; for m of a few hundred.
    """
    network, n = point.network, point.input_gram.shape[-1]
    kernel = None
    for layer in range(1, network.depth + 1):
        size = point.f[layer].shape[2]
        own = rates[setting, layer - 1] * point.input_gram[setting, layer]
        now = np.einsum("ij,uv->iujv", own, np.eye(size))
        if kernel is not None:
            step = _layer_jacobians(point, layer, setting)
            for i, j in np.ndindex(n, n):
                now[i, :, j] += step[i] @ kernel[i, :, j] @ step[j].T
        kernel = now
        yield now.reshape(n * size, n * size)


def _layer_jacobians(point: Pass, layer: int, setting: int) -> np.ndarray:
    """∂f_l/∂f_{l−1} of each sample, `(sample, out, in)`, l ≥ 2."""
    one = _setting(point.network, setting)
    below = point.f[layer - 1][setting : setting + 1]
    matrix = one.multipliers[0, layer - 1] * point.weights.matrix(layer)
    slope = one.slope(below, layer)[0]
    jacobian = matrix * slope[:, None, :]
    skip = one.shortcut(1.0, layer)
    return jacobian + np.squeeze(skip) * np.eye(*matrix.shape) if np.any(skip) else jacobian


def _setting(network: Network, setting: int) -> Network:
    """The network of one setting."""
    keep = slice(setting, setting + 1)
    return replace(
        network,
        branch_scale=network.branch_scale[keep],
        multipliers=network.multipliers[keep],
    )


def kernel_moments(point: Pass, rates: np.ndarray, setting: int = 0) -> np.ndarray:
    """M_1 and M_2 of K_v, M_p = tr(K_vᵖ)/dim, `(L + 1, 2)`; row 0 is NaN.

    cos θ_v → M_1/√M_2 at large width where b_v is independent of K_v (Thm 3.2).
    """
    moments = np.full((point.network.depth + 1, 2), np.nan)
    for layer, kernel in enumerate(feature_kernels(point, rates, setting), start=1):
        moments[layer] = np.trace(kernel) / len(kernel), np.sum(kernel**2) / len(kernel)
    return moments


def jacobians(
    point: Pass, start: int, setting: int = 0, sample: int = 0
) -> Iterator[tuple[int, np.ndarray]]:
    """(v, ∂f_v/∂f_start) for v = start … L − 1, `(unit, unit)`, of one sample; O(m³) a layer.

    ValueError unless 1 ≤ start < L.
    """
    if not 1 <= start < point.network.depth:
        raise ValueError(f"start must lie in [1, {point.network.depth - 1}], not {start}")
    total = np.eye(point.f[start].shape[2])
    yield start, total
    for layer in range(start + 1, point.network.depth):
        total = _layer_jacobians(point, layer, setting)[sample] @ total
        yield layer, total


def spectral_moment_ratio(jacobian: np.ndarray) -> float:
    """(1/m) tr((JJᵀ)²)/((1/m) tr JJᵀ)² ≥ 1, and 1 for an isometry; J `(m, m)`."""
    gram = jacobian @ jacobian.T
    return float(len(gram) * np.sum(gram**2) / np.trace(gram) ** 2)


# --- Calibration -----------------------------------------------------------------------------


def calibrate_fsc(
    weights: Weights, network: Network, inputs, loss, *, tolerance: float = 1e-12
) -> tuple[Network, np.ndarray]:
    """Automatic FSC scaling (§4.2 of the paper): a rescaled network and learning rates.

    1. Forward: multipliers such that |f_l|_rms = 1, l < L (of a residual branch: the positive root
       of s²|h|² + 2as⟨f, h⟩ = β² |f|², h the branch).
    2. Contributions: η_l = 1/(L |G_l|²), all layers trained.
    3. Sensitivity: σ_L times q = ((L−1)/L)/(cos θ_{L−1} · dim · |b_{L−1}|_rms); a linear loss needs
       one pass, others a root of ln q in ln σ_L, found by secants to `tolerance`.

    Then −dloss/dt = |ḟ_{L−1}|_rms = 1 and every C_l is 1/L. Returns the network and
    η `(setting, L)`.
    ScalingError if the network has biases (not homogeneous), a feature or gradient vanishes, or
    the read-out does not settle (the loss then has no such scale nearby).
    """
    if weights.biases is not None:
        raise ScalingError("FSC calibration is not defined for a network with biases")
    network = _normalise_features(weights, network, inputs)
    depth = network.depth
    before = None
    for _ in range(200):
        point = passes(weights, network, inputs, loss)
        rates = balanced_rates(point)
        result = measure(point, rates)
        dim = point.f[depth - 1][0].size
        factor = ((depth - 1) / depth) / (
            result.cos_theta[:, depth - 1] * dim * result.b_rms[:, depth - 1]
        )
        if not np.isfinite(factor).all():
            break
        if (np.abs(factor - 1) <= tolerance).all():
            return network, rates
        move = _towards_root(np.log(factor), before)
        before = np.log(factor), move
        multipliers = network.multipliers.copy()
        multipliers[:, -1] *= np.exp(move)
        network = replace(network, multipliers=multipliers)
    raise ScalingError("FSC calibration: the scale of the read-out does not settle for this loss")


def _towards_root(value: np.ndarray, before: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    """Next move of ln σ_L, given ln q now and (ln q, move) of last time: a guarded secant step.

    Repeating σ_L ← q σ_L, the first step, need not settle where b_L depends on f_L.
    """
    if before is None:
        return value
    last, move = before
    with np.errstate(divide="ignore", invalid="ignore"):
        secant = -value * move / (value - last)
    return np.where(np.isfinite(secant), np.clip(secant, -1.0, 1.0), value / 2)


def _normalise_features(weights: Weights, network: Network, inputs) -> Network:
    """Multipliers such that |f_l|_rms = 1 for l = 1 … L − 1."""
    x = np.atleast_2d(np.asarray(inputs, float))
    f = np.broadcast_to(x, (network.settings, *x.shape))
    multipliers = np.array(network.multipliers)
    current = replace(network, multipliers=multipliers)
    for layer in range(1, network.depth):
        h = _multiply(weights, current, layer, network.incoming(f, layer))
        short = network.shortcut(f, layer) + np.zeros_like(h)
        # s²|h|² + 2 s⟨short, h⟩ + |short|² = dim; a branch of scale zero has nothing to rescale.
        hh, sh, ss = (_total(u * v) for u, v in ((h, h), (short, h), (short, short)))
        still = (hh == 0) & np.isclose(ss, h[0].size)
        if ((hh == 0) & ~still).any():
            raise ScalingError(f"FSC calibration: feature {layer} vanishes")
        root = np.sqrt(sh * sh + hh * (h[0].size - ss))
        scale = np.where(still, 1.0, (root - sh) / np.where(still, 1.0, hh))
        multipliers[:, layer - 1] *= scale
        f = short + scale[:, None, None] * h
    return current
