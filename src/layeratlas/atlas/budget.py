"""Which cubes and drawings are inside the page: as many as fit into so many bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Piece", "fitting"]


@dataclass(frozen=True)
class Piece:
    """Something to be put into the page, under a key of its own; `size` in bytes, as it stands
    there."""

    key: str
    size: int


def fitting(pieces: Iterable[Piece], room: int) -> set[str]:
    """Keys of the pieces that go in, the first ones first; one that is too large for what is left
    is passed over, and smaller ones after it may still fit."""
    chosen: set[str] = set()
    for piece in pieces:
        if piece.key not in chosen and piece.size <= room:
            chosen.add(piece.key)
            room -= piece.size
    return chosen
