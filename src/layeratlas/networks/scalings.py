"""Hyper-parameter scalings: initial spread and learning rate of input, hidden and output layers.

A scaling says how the standard deviation σ of the initial weights and the learning rate η depend
on depth L (weight matrices: one embedding, L − 2 hidden, one read-out), width m, number of inputs d
and of outputs k, so that a network neither explodes nor idles as L and m grow. η multiplies a
common master step; the constants of the paper's Θ(·) are all 1.

| name         | σ input | σ hidden | σ output | η input      | η hidden | η output     |
|--------------|---------|----------|----------|--------------|----------|--------------|
| `ntk`        | 1/√d    | √(2/m)   | √(k/m)   | 1/(L d)      | 1/(L m)  | k/(L m)      |
| `mf_mup`     | 1/√d    | √(2/m)   | √k/m     | m/(L^1.5 d)  | L^−1.5   | k/(L^1.5 m)  |
| `fsc`        | 1/√d    | √(2/m)   | √(kL)/m  | m/(L² d)     | L⁻²      | k/(L m)      |
| `mup`        | 1/√d    | √(2/m)   | √k/m     | m/d          | 1        | k/m          |
| `resnet_fsc` | 1/√d    | √(2/m)   | √k/m     | m/(L d)      | 1/(L β²) | k/(L m)      |
| `default`    | 1/√(3d) | 1/√(3m)  | 1/√(3m)  | 1            | 1        | 1            |
| `kaiming`    | √(2/d)  | √(2/m)   | √(2/m)   | 1            | 1        | 1            |

That is the *dense* setting (|x| = √d, |b_L| = 1/√k). *Sparse* (one-hot inputs, cross-entropy:
|x| = |b_L| = 1) reads 1 for d and for k. The last two rows look at fan-in alone and are the same
in both: uniform fan-in is the library's own default; `kaiming` is the edge of chaos. The 2 stands
for ReLU; with a negative slope s it is 2/(1 + s²), 1 for a linear network.

Formulas for print are written beside the functions, by hand: sympy turns √(2/m) into √2/√m and
1/√(3d) into √3/(3√d), no longer the paper's tables; printed unevaluated it leaves `1 · 1/√d` and
forgets brackets; and it would be loaded at every start of the workflow. That each formula is the
function beside it is tested, on random sizes, by reading the LaTeX back with sympy.

Source: Chizat and Netrapalli, "The Feature Speed Formula", NeurIPS 2024, Tables 1 and 2
(specification §2.2–2.4); one common learning rate is a baseline added here (§7.13).

    >>> table("fsc", depth=4, width=100, n_inputs=25, n_outputs=1).output.std
    0.02
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layeratlas.errors import LayerAtlasError
from layeratlas.words import quoted, shortened

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "ARCHITECTURES",
    "SCALINGS",
    "SETTINGS",
    "TITLES",
    "Row",
    "ScalingError",
    "Table",
    "branch_scale",
    "table",
]

SETTINGS = ("dense", "sparse")

# β √L beyond which the residual table no longer holds: features then turn as in an MLP.
LARGEST_BRANCH = 4.0


class ScalingError(LayerAtlasError, ValueError):
    """A scaling was asked for what it is not defined for; the message names the argument."""


@dataclass(frozen=True)
class Row:
    """σ and η of one kind of layer, with the formulas (LaTeX) they were computed from."""

    std: float
    learning_rate: float
    std_formula: str
    learning_rate_formula: str


@dataclass(frozen=True)
class Table:
    """One scaling at one size: a row for the input, the hidden and the output layers.

    distribution: `normal` or `uniform` (on ±√3 σ).
    """

    name: str
    depth: int
    input: Row
    hidden: Row
    output: Row
    distribution: str = "normal"

    @property
    def rows(self) -> tuple[Row, ...]:
        """One row a weight matrix, from the input to the output, `depth` of them."""
        return (self.input, *[self.hidden] * (self.depth - 2), self.output)

    @property
    def stds(self) -> np.ndarray:
        """σ_1 … σ_L, `(depth,)`."""
        return _array([row.std for row in self.rows])

    @property
    def learning_rates(self) -> np.ndarray:
        """η_1 … η_L, `(depth,)`."""
        return _array([row.learning_rate for row in self.rows])


def _array(values: list[float]) -> np.ndarray:
    # The workflow reads the tables' names at every start: loaded here, numpy is not loaded then.
    import numpy as np

    return np.array(values)


@dataclass(frozen=True)
class _Size:
    """Symbols of the formulas. `d`, `k` are 1 in the sparse setting; fans never change."""

    L: int
    m: int
    d: float
    k: float
    gain: float  # 2/(1 + s²)
    beta: float
    fan_in: int


@dataclass(frozen=True)
class _Entry:
    value: Callable[[_Size], float]
    formula: str


@dataclass(frozen=True)
class _Scaling:
    """σ and η as functions of size, for (input, hidden, output)."""

    std: tuple[_Entry, _Entry, _Entry]
    rate: tuple[_Entry, _Entry, _Entry]
    architectures: tuple[str, ...]
    distribution: str = "normal"


_IN = _Entry(lambda s: 1 / math.sqrt(s.d), r"1/\sqrt{d}")
_HIDDEN = _Entry(lambda s: math.sqrt(s.gain / s.m), r"\sqrt{GAIN/m}")
_MEAN_FIELD = _Entry(lambda s: math.sqrt(s.k) / s.m, r"\sqrt{k}/m")
_OUT_RATE = _Entry(lambda s: s.k / (s.L * s.m), r"k/(L m)")
_ONE = _Entry(lambda s: 1.0, "1")
_UNIFORM_IN = _Entry(lambda s: 1 / math.sqrt(3 * s.fan_in), r"1/\sqrt{3d}")
_UNIFORM = _Entry(lambda s: 1 / math.sqrt(3 * s.m), r"1/\sqrt{3m}")

_SCALINGS: dict[str, _Scaling] = {
    "ntk": _Scaling(
        std=(_IN, _HIDDEN, _Entry(lambda s: math.sqrt(s.k / s.m), r"\sqrt{k/m}")),
        rate=(
            _Entry(lambda s: 1 / (s.L * s.d), r"1/(L d)"),
            _Entry(lambda s: 1 / (s.L * s.m), r"1/(L m)"),
            _OUT_RATE,
        ),
        architectures=("mlp",),
    ),
    "mf_mup": _Scaling(
        std=(_IN, _HIDDEN, _MEAN_FIELD),
        rate=(
            _Entry(lambda s: s.m / (s.L**1.5 * s.d), r"m/(L^{3/2} d)"),
            _Entry(lambda s: s.L**-1.5, r"L^{-3/2}"),
            _Entry(lambda s: s.k / (s.L**1.5 * s.m), r"k/(L^{3/2} m)"),
        ),
        architectures=("mlp",),
    ),
    "fsc": _Scaling(
        std=(_IN, _HIDDEN, _Entry(lambda s: math.sqrt(s.k * s.L) / s.m, r"\sqrt{k L}/m")),
        rate=(
            _Entry(lambda s: s.m / (s.L**2 * s.d), r"m/(L^2 d)"),
            _Entry(lambda s: s.L**-2.0, r"L^{-2}"),
            _OUT_RATE,
        ),
        architectures=("mlp",),
    ),
    "mup": _Scaling(
        std=(_IN, _HIDDEN, _MEAN_FIELD),
        rate=(
            _Entry(lambda s: s.m / s.d, "m/d"),
            _ONE,
            _Entry(lambda s: s.k / s.m, "k/m"),
        ),
        architectures=("mlp",),
    ),
    "resnet_fsc": _Scaling(
        std=(_IN, _HIDDEN, _MEAN_FIELD),
        rate=(
            _Entry(lambda s: s.m / (s.L * s.d), r"m/(L d)"),
            _Entry(lambda s: 1 / (s.L * s.beta**2), r"1/(L \beta^2)"),
            _OUT_RATE,
        ),
        architectures=("residual_mlp",),
    ),
    "default": _Scaling(
        std=(_UNIFORM_IN, _UNIFORM, _UNIFORM),
        rate=(_ONE, _ONE, _ONE),
        architectures=("mlp", "residual_mlp", "block_cnn", "module"),
        distribution="uniform",
    ),
    "kaiming": _Scaling(
        std=(
            _Entry(lambda s: math.sqrt(s.gain / s.fan_in), r"\sqrt{GAIN/d}"),
            _HIDDEN,
            _HIDDEN,
        ),
        rate=(_ONE, _ONE, _ONE),
        architectures=("mlp", "residual_mlp", "block_cnn", "module"),
    ),
}
# The same formulas with d = k = 1, as the paper's sparse columns print them.
_SPARSE = {
    r"1/\sqrt{d}": "1",
    r"\sqrt{k}/m": "1/m",
    r"k/(L m)": r"1/(L m)",
    r"\sqrt{k/m}": r"1/\sqrt{m}",
    r"1/(L d)": "1/L",
    r"m/(L^{3/2} d)": r"m/L^{3/2}",
    r"k/(L^{3/2} m)": r"1/(L^{3/2} m)",
    r"\sqrt{k L}/m": r"\sqrt{L}/m",
    r"m/(L^2 d)": r"m/L^2",
    "m/d": "m",
    "k/m": "1/m",
    r"m/(L d)": "m/L",
}

_ALIASES = {"edge_of_chaos": "kaiming"}

SCALINGS = tuple(_SCALINGS)
#: What figures and claims call them.
TITLES = {
    "ntk": "NTK",
    "mf_mup": "MF+µP",
    "fsc": "FSC",
    "mup": "µP",
    "resnet_fsc": "ResNet FSC",
    "default": "default",
    "kaiming": "Kaiming",
}
ARCHITECTURES = ("mlp", "residual_mlp", "block_cnn", "module")


def table(
    name: str,
    depth: int,
    width: int,
    n_inputs: int,
    n_outputs: int,
    branch_scale: float | None = None,
    *,
    architecture: str | None = None,
    setting: str = "dense",
    negative_slope: float = 0.0,
) -> Table:
    """The scaling `name` at one size.

    depth: weight matrices L ≥ 3; width m; n_inputs d; n_outputs k; branch_scale: β of
    f_l = √(1 − β²) f_{l−1} + β W_l φ(f_{l−1}), for a ResNet; setting: `dense` or `sparse`;
    architecture: by default a ResNet where a branch scale is given, else an MLP.

    Raises ScalingError, naming the argument, if the name is unknown, a size is too small, β is
    missing or outside [0, 1], or the scaling is not defined for the architecture.
    """
    name = _ALIASES.get(name, name)
    if name not in _SCALINGS:
        raise ScalingError(f"scaling {name!r} is unknown; use one of {', '.join(SCALINGS)}")
    scaling = _SCALINGS[name]
    if architecture is None:
        residual = branch_scale is not None or "mlp" not in scaling.architectures
        architecture = "residual_mlp" if residual else "mlp"
    _check(name, scaling, architecture, depth, branch_scale)
    for key, value in (("width", width), ("n_inputs", n_inputs), ("n_outputs", n_outputs)):
        if value < 1:
            raise ScalingError(f"{key} must be at least 1, not {value}")
    if setting not in SETTINGS:
        raise ScalingError(f"setting must be one of {', '.join(SETTINGS)}, not {setting!r}")
    sparse = setting == "sparse"
    gain = 2 / (1 + negative_slope**2)
    size = _Size(
        L=depth,
        m=width,
        d=1 if sparse else n_inputs,
        k=1 if sparse else n_outputs,
        gain=gain,
        beta=math.nan if branch_scale is None else branch_scale,
        fan_in=n_inputs,
    )
    by_fan = name in ("default", "kaiming")

    def formula(entry: _Entry) -> str:
        text = entry.formula.replace("GAIN", f"{gain:g}")
        return _SPARSE.get(text, text) if sparse and not by_fan else text

    first, hidden, last = (
        Row(std.value(size), rate.value(size), formula(std), formula(rate))
        for std, rate in zip(scaling.std, scaling.rate, strict=True)
    )
    return Table(name, depth, first, hidden, last, scaling.distribution)


_RULE = re.compile(r"(?P<c>\d+(?:\.\d+)?(?:e-?\d+)?)(?P<by>/L|/sqrt\(L\))?")


def branch_scale(rule: float | str, depth: int) -> float:
    """β of a rule at a depth L: a number, or text such as `1/L`, `0.5/sqrt(L)` or `1`.

    ScalingError if the text is no such rule, or β lies outside [0, 1].

    >>> branch_scale("2/sqrt(L)", 100)
    0.2
    """
    if isinstance(rule, str):
        found = _RULE.fullmatch(rule.replace(" ", ""))
        if not found:
            raise ScalingError(
                f"branch_scale must be a number or a rule such as '1/L', '0.5/sqrt(L)' or '1', not "
                f"{quoted(rule, 40)}"
            )
        c = float(found["c"])
        beta = {None: c, "/L": c / depth, "/sqrt(L)": c / math.sqrt(depth)}[found["by"]]
    else:
        beta = float(rule)
    if not 0 <= beta <= 1:
        at = f" ({beta:g} at depth {depth})" if isinstance(rule, str) else ""
        raise ScalingError(f"branch_scale must lie in [0, 1], not {shortened(str(rule), 40)}{at}")
    return beta


def _check(name: str, scaling: _Scaling, architecture: str, depth: int, beta: float | None) -> None:
    if depth < 3:
        raise ScalingError(
            f"depth must be at least 3 (input, hidden and output matrices), not {depth}"
        )
    if beta is not None and not 0 <= beta <= 1:
        raise ScalingError(f"branch_scale must lie in [0, 1], not {beta}")
    if architecture not in ARCHITECTURES:
        raise ScalingError(
            f"architecture must be one of {', '.join(ARCHITECTURES)}, not {architecture!r}"
        )
    if architecture not in scaling.architectures:
        others = [n for n, s in _SCALINGS.items() if architecture in s.architectures]
        raise ScalingError(
            f"scaling {name!r} is not defined for architecture {architecture!r}; "
            f"use one of {', '.join(others)}"
        )
    if architecture != "residual_mlp" and beta is not None:
        raise ScalingError(f"branch_scale means nothing in architecture {architecture!r}")
    if name == "resnet_fsc":
        if not beta:
            raise ScalingError(
                f"scaling 'resnet_fsc' needs a positive branch_scale, not {beta}; try "
                f"1/sqrt(depth) = {depth**-0.5:.3g}"
            )
        if beta * math.sqrt(depth) > LARGEST_BRANCH:
            raise ScalingError(
                f"scaling 'resnet_fsc' holds for branch_scale of order 1/sqrt(depth); {beta:g} at "
                f"depth {depth} is above {LARGEST_BRANCH:g}/sqrt(depth)"
            )
