"""What training made of a network: what it gives of each image."""

from __future__ import annotations

from typing import Any

__all__ = ["predictions"]


def predictions(logits: Any) -> Any:
    """f, `(member, sample, output)`; positions of a sample one after the other."""
    return logits.reshape(*logits.shape[:2], -1)
