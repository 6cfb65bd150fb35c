"""Writing figures: three formats, fonts embedded, identities inside, the same bytes every time."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.bounded.files import read_bytes
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.figures import pages, pdf
from layeratlas.figures.carriers import (
    LARGEST,
    PNG_KEY,
    SVG_ATTRIBUTE,
    comment_texts,
    gif_texts,
    png_texts,
    svg_texts,
)
from layeratlas.figures.identity import identity_text, mark_of, parse_identity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "png", "svg")
_TEXTS = {
    "png": png_texts,
    "svg": svg_texts,
    "gif": gif_texts,
    "tex": comment_texts,
    "md": comment_texts,
}
CARRIERS = ("pdf", *_TEXTS)
"""Formats in which an identity is looked for."""

# Type 42 embeds TrueType outlines in the PDF; "path" draws the glyphs in the SVG, so that both
# look the same where the font is missing. The salt replaces random element ids.
_OUTPUT_RC = {"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "layeratlas"}


def save(figure: Figure, stem: Path, identity: Mapping[str, str] | None = None) -> list[Path]:
    """Write the figure as `<stem>.pdf`, `<stem>.png` (300 dpi) and `<stem>.svg`.

    `identity` (hashes of cubes, code and configuration) goes into the file as one sealed JSON
    object (`figures.identity`): attachment, keywords and the drawing's metadata in the PDF, PNG
    text, SVG description and group; and its first digits into the figure's note
    (`figures.marking`). Nothing volatile is written: the same figure gives the same bytes. Each
    file is replaced in one step.
    """
    from layeratlas.storage import write_bytes_atomic

    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, content in render(figure, stem.name, identity or {}).items():
        path = stem.parent / f"{stem.name}.{kind}"
        write_bytes_atomic(path, content)
        written.append(path)
    return written


def render(figure: Figure, title: str, identity: Mapping[str, str]) -> dict[str, bytes]:
    """The bytes of the figure in each format, with its panels at the same places in all."""
    from layeratlas.figures import marking, style

    marking.mark(figure, identity)
    record = identity_text(identity)
    metadata = {
        "pdf": {"Title": title, "Keywords": record, "CreationDate": None},
        "png": {"Title": title, PNG_KEY: record, "Software": None},
        "svg": {"Title": title, "Description": record, "Date": None},
    }
    rendered = {}
    with style.context(**_OUTPUT_RC), style.laid_out(figure):
        for kind in FORMATS:
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, dpi=300, metadata=metadata[kind])
            rendered[kind] = buffer.getvalue()
    rendered["pdf"] = pdf.with_identity(rendered["pdf"], identity)
    if identity:
        rendered["svg"] = _with_attribute(rendered["svg"], record)
    return rendered


def _with_attribute(svg: bytes, record: str) -> bytes:
    """The SVG with its identity on the group of the whole drawing as well."""
    said = f' {SVG_ATTRIBUTE}="{html.escape(record)}"'.encode()
    return re.sub(rb'<g id="[^"]*"', lambda found: found[0] + said, svg, count=1)


@dataclass(frozen=True)
class Carried:
    """An identity that a file carries; `pages` of a PDF that draw it, from 1, () where that cannot
    be told."""

    identity: dict[str, str]
    pages: tuple[int, ...] = ()

    @property
    def mark(self) -> str:
        """What the figure shows the beginning of."""
        return mark_of(self.identity)


def read_identity(path: Path) -> dict[str, str]:
    """The identity that `save` wrote into a figure file of any of its formats, or that a table or
    animation carries: the first of `read_identities`."""
    return read_identities(path)[0][0].identity


def read_identities(path: Path) -> tuple[list[Carried], list[UnreadableError]]:
    """All figures that a file carries, each once, and why some of what looks like one is refused.

    A paper carries those that were put into it, on their pages. StoreError when the file cannot be
    read, carries none, or only such as are not believed (`identity.parse_identity`). Whatever the
    file holds, little more than its own bytes is read.
    """
    path = Path(path)
    kind = path.suffix[1:]
    if kind not in CARRIERS:
        raise StoreError(f"{path}: a figure is one of {', '.join(CARRIERS)}")
    content = b""
    identities: dict[str, dict[str, str]] = {}
    places: dict[str, list[int]] = {}
    refused: list[UnreadableError] = []
    doubted: list[UnreadableError] = []
    try:
        if kind == "pdf":
            content = read_bytes(path, LARGEST)
        for text, at, ours in _pdf_texts(content, path) if kind == "pdf" else _texts(kind, path):
            try:
                identity = parse_identity(text, path)
            except UnreadableError as error:
                # Another program may have attached a file of its own.
                (refused if ours else doubted).append(error)
                continue
            identities.setdefault(mark_of(identity), identity)
            places.setdefault(mark_of(identity), []).append(at)
    except ValueError as error:
        raise UnreadableError(path, f"cannot be read as {kind}: {error}") from error
    if not identities:
        if content and pdf.is_encrypted(content):
            raise UnreadableError(path, "is encrypted: save a copy without (qpdf --decrypt)")
        if told := refused + doubted:
            raise told[0]
        raise UnreadableError(path, "carries no identity; was it drawn by Layer Atlas?")
    drawn = (
        pages.pages_of(content, [at for many in places.values() for at in many]) if content else {}
    )
    found = [
        Carried(identity, tuple(sorted({p for at in places[mark] for p in drawn.get(at, ())})))
        for mark, identity in identities.items()
    ]
    return sorted(found, key=lambda carried: carried.pages or (0,)), refused


def _pdf_texts(content: bytes, path: Path) -> Iterator[pdf.Text]:
    if not content.startswith(b"%PDF-"):
        raise UnreadableError(path, "cannot be read as pdf: it does not begin like one")
    return pdf.texts(content)


def _texts(kind: str, path: Path) -> Iterator[pdf.Text]:
    return (pdf.Text(text, 0, True) for text in _TEXTS[kind](path))
