"""One colour for each thing, in all figures, and colours for things in an order.

Colours are Okabe and Ito's, told apart under the usual kinds of colour blindness, and Crameri's
perceptually uniform maps. Only this module names colours other than greys: a figure asks for the
colour of what it draws, so that the same thing looks alike wherever it appears.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

#: Okabe and Ito's set; their pale yellow is left out, it cannot be seen on white.
BLUE = "#0072b2"
ORANGE = "#e69f00"
GREEN = "#009e73"
VERMILLION = "#d55e00"
PURPLE = "#cc79a7"
SKY = "#56b4e9"

#: In the order in which a cycle of lines takes them.
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)

#: A curve inside a cell of a diagram.
CURVE = "#d01c1f"
#: The ground of a cell of which nothing is known.
MISSING = "#f2e6d8"
#: A block of the mechanical model.
WOOD = "#b8b8b8"

#: What occurs in the figures of several modules.
_BY_NAME = MappingProxyType(
    {
        # Scalings of hyper-parameters.
        "ntk": BLUE,
        "mf_mup": ORANGE,
        "fsc": GREEN,
        "resnet_fsc": PURPLE,
        # Branch scales of residual networks.
        "beta 1/L": BLUE,
        "beta 0.5/sqrt(L)": ORANGE,
        "beta 1/sqrt(L)": GREEN,
        "beta 2/sqrt(L)": VERMILLION,
        "beta 1": PURPLE,
        # Correlations of feature matrices.
        "uc_nfc": BLUE,
        "c_nfc": GREEN,
        "dc_nfc": PURPLE,
        # Images and directions.
        "train": BLUE,
        "test": VERMILLION,
        "forward": BLUE,
        "backward": VERMILLION,
        # Where a profile over layers is highest, and its centre.
        "peak": BLUE,
        "centroid": ORANGE,
        # Data sets.
        "Fashion-MNIST": BLUE,
        "MNIST": ORANGE,
        "CIFAR-10": GREEN,
        # Kinds of noise.
        "data_noise": BLUE,
        "learning_rate": VERMILLION,
        "dropout": GREEN,
        "batch_size": PURPLE,
    }
)


def of(thing: str) -> str:
    """The colour of a thing by its name, `#rrggbb`; KeyError where it has none."""
    return _BY_NAME[thing]


def graded(count: int, *, lightest: float = 0.7) -> np.ndarray:
    """RGBA `(count, 4)` for lines and points in an order, dark first, of Crameri's batlow.

    The map is cut at `lightest` of its length: what lies beyond has less than 2.3 times the
    darkness of white paper (WCAG's contrast) and is too faint for a line.
    """
    from cmcrameri import cm

    return cm.batlow(np.linspace(0.0, lightest, count))


def contrast(colour: Any, ground: Any = "white") -> float:
    """Contrast of two colours, 1 to 21, as WCAG 2 defines it: (L₁ + 0.05) / (L₂ + 0.05)."""
    from matplotlib.colors import to_rgb

    lighter, darker = sorted((_luminance(to_rgb(c)) for c in (colour, ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(rgb: tuple[float, float, float]) -> float:
    """Relative luminance of sRGB."""
    values = np.asarray(rgb)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
