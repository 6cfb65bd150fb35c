"""Writing animations: GIF, the same bytes every time, identity inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.figures import marking, style
from layeratlas.figures.identity import identity_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Animation:
    """A figure whose `show(i)` draws frame i of `frames`; `rate` is frames a second."""

    figure: Figure
    show: Callable[[int], None]
    frames: int
    rate: int = 12
    dpi: int = 110


def save(animation: Animation, path: Path, identity: Mapping[str, str]) -> Path:
    """Write `animation` to `path` in one step, looping, with `identity` as its GIF comment, and its
    mark in every frame's note."""
    from matplotlib.animation import PillowWriter

    from layeratlas.storage import write_bytes_atomic
    from layeratlas.temporaries import scratch_folder

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with style.context(), scratch_folder() as folder:
        marking.mark(animation.figure, identity)
        drawn = folder / "frames.gif"
        writer = PillowWriter(fps=animation.rate)
        with writer.saving(animation.figure, str(drawn), dpi=animation.dpi):
            for frame in range(animation.frames):
                animation.show(frame)
                writer.grab_frame()
        content = drawn.read_bytes()
    write_bytes_atomic(path, _with_comment(content, identity_text(identity).encode()))
    return path


def _with_comment(gif: bytes, comment: bytes) -> bytes:
    """The GIF with a comment extension before its first image (GIF89a, sections 18 and 24)."""
    packed = gif[10]
    # A global colour table of 2^(n+1) entries follows the 13 bytes of header and descriptor.
    start = 13 + (3 * 2 ** ((packed & 0b111) + 1) if packed & 0b1000_0000 else 0)
    pieces = [comment[i : i + 255] for i in range(0, len(comment), 255)]
    blocks = b"".join(bytes([len(piece)]) + piece for piece in pieces)
    return gif[:start] + b"\x21\xfe" + blocks + b"\x00" + gif[start:]
