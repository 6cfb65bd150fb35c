"""Writing figures: three formats, fonts embedded, identities inside, the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.figures.carriers import PNG_KEY, pdf_texts, png_texts, svg_texts
from layeratlas.figures.identity import identity_text, parse_identity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "png", "svg")
_ATTACHMENT = "layeratlas.json"
_CARRIERS = {"pdf": pdf_texts, "png": png_texts, "svg": svg_texts}

# Type 42 embeds TrueType outlines in the PDF; "path" draws the glyphs in the SVG, so that both
# look the same where the font is missing. The salt replaces random element ids.
_OUTPUT_RC = {"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "layeratlas"}


def save(figure: Figure, stem: Path, identity: Mapping[str, str] | None = None) -> list[Path]:
    """Write the figure as `<stem>.pdf`, `<stem>.png` (300 dpi) and `<stem>.svg`.

    `identity` (hashes of cubes, code and configuration) goes into the file as one sealed JSON
    object (`figures.identity`): an attachment of the PDF and its keywords, PNG text, SVG
    description. Nothing volatile is written: the same figure gives the same bytes. Each file is
    replaced in one step.
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
    """The bytes of the figure in each format."""
    from layeratlas.figures import style

    record = identity_text(identity)
    metadata = {
        "pdf": {"Title": title, "Keywords": record, "CreationDate": None},
        "png": {"Title": title, PNG_KEY: record, "Software": None},
        "svg": {"Title": title, "Description": record, "Date": None},
    }
    rendered = {}
    with style.context(**_OUTPUT_RC):
        for kind in FORMATS:
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, dpi=300, metadata=metadata[kind])
            rendered[kind] = buffer.getvalue()
    rendered["pdf"] = _with_attachment(rendered["pdf"], identity)
    return rendered


def _with_attachment(pdf: bytes, identity: Mapping[str, str]) -> bytes:
    """The PDF with its identity attached as a file that any PDF viewer lists and saves."""
    import pikepdf

    content = identity_text(identity, indent=2) + "\n"
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        attached = pikepdf.AttachedFileSpec(
            document,
            content.encode(),
            filename=_ATTACHMENT,
            description="What this figure was made from, by Layer Atlas",
            mime_type="application/json",
            relationship=pikepdf.Name.Data,
            # A date would differ at every drawing.
            creation_date="",
            mod_date="",
        )
        document.attachments[_ATTACHMENT] = attached
        # Associated with the document as a whole, as PDF/A-3 asks.
        document.Root.AF = pikepdf.Array([attached.obj])
        document.save(buffer, deterministic_id=True)
    return buffer.getvalue()


def read_identity(path: Path) -> dict[str, str]:
    """The identity that `save` wrote into a figure file of any of the three formats.

    Of a PDF the attachment, else (some programs drop attachments) the keywords. StoreError when
    the file cannot be read, is not one of ours, or carries what is not believed
    (`identity.parse_identity`). Whatever the file holds, at most its own bytes are read.
    """
    path = Path(path)
    kind = path.suffix[1:]
    if kind not in _CARRIERS:
        raise StoreError(f"{path}: a figure is one of {', '.join(FORMATS)}")
    refused: UnreadableError | None = None
    try:
        for text in _CARRIERS[kind](path):
            try:
                return parse_identity(text, path)
            except UnreadableError as error:
                # Another program may have attached a file of its own.
                refused = refused or error
    except ValueError as error:
        raise UnreadableError(path, f"cannot be read as {kind}: {error}") from error
    raise refused or UnreadableError(path, "carries no identity; was it drawn by Layer Atlas?")
