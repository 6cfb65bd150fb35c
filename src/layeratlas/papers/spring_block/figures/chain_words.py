"""What notes under figures of chains tell of their settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Symbols of the settings that a note states.
_SYMBOLS = {
    "length": "L",
    "stiffness": "k",
    "target": "y",
    "mass": "m",
    "damping": r"\gamma",
    "step_size": r"\eta",
    "friction_right": r"\mu_\to",
    "friction_left": r"\mu_\leftarrow",
    "noise_decay": r"\lambda",
}


def parameters_told(chain: Mapping[str, Any], varied: Sequence[str]) -> str:
    """The fixed settings, in symbols: L = 7, k = 1, …; steps at the end."""
    symbols = _SYMBOLS | ({"step_size": r"\mathrm{d}t"} if chain["order"] == "second" else {})
    told = [
        f"${symbol}$\u00a0=\u00a0{chain[name]:g}"
        for name, symbol in symbols.items()
        if name in chain and name not in varied
    ]
    return f"{', '.join(told)}, {chain['steps']:,} steps.".replace(",000", "\u2009000")
