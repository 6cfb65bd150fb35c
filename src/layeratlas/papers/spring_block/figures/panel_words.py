"""What the networks' phase diagrams tell of themselves under a figure, panel by panel."""

from __future__ import annotations

from collections.abc import Mapping


def told_by_letter(values: Mapping[str, str]) -> str:
    """As "a 0.012, c 0.009"."""
    return ", ".join(f"{letter}\u00a0{value}" for letter, value in values.items())
