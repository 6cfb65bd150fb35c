"""Writing figures: three formats, fonts embedded, identities inside, the same bytes every time."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "png", "svg")
_PNG_KEY = "layeratlas"
_ATTACHMENT = "layeratlas.json"

# Type 42 embeds TrueType outlines in the PDF; "path" draws the glyphs in the SVG, so that both
# look the same where the font is missing. The salt replaces random element ids.
_OUTPUT_RC = {"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "layeratlas"}


def save(figure: Figure, stem: Path, identity: Mapping[str, str] | None = None) -> list[Path]:
    """Write the figure as `<stem>.pdf`, `<stem>.png` (300 dpi) and `<stem>.svg`.

    `identity` (hashes of cubes, code and configuration) goes into the file as one JSON object:
    an attachment of the PDF and its keywords, PNG text, SVG description. Nothing volatile is
    written: the same figure gives the same bytes. Each file is replaced in one step.
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

    record = json.dumps(dict(identity), sort_keys=True, ensure_ascii=True)
    metadata = {
        "pdf": {"Title": title, "Keywords": record, "CreationDate": None},
        "png": {"Title": title, _PNG_KEY: record, "Software": None},
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

    content = json.dumps(dict(identity), sort_keys=True, ensure_ascii=True, indent=2) + "\n"
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
    """The identities that `save` wrote into a figure file of any of the three formats.

    Of a PDF the attachment, else (some programs drop attachments) the keywords. StoreError when
    the file cannot be read, or is not one of ours.
    """
    path = Path(path)
    reader = {"pdf": _pdf_record, "png": _png_record, "svg": _svg_record}.get(path.suffix[1:])
    if reader is None:
        raise StoreError(f"{path}: a figure is one of {', '.join(FORMATS)}")
    try:
        text = reader(path)
    except Exception as error:
        # Each reader has errors of its own for damaged files, some of them undocumented.
        reason = getattr(error, "strerror", None) or error
        raise StoreError(f"{path} cannot be read as {path.suffix[1:]}: {reason}") from error
    try:
        record = json.loads(text) if text else None
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise StoreError(f"{path}: carries no identity; was it drawn by Layer Atlas?")
    return record


def _pdf_record(path: Path) -> str | None:
    import pikepdf

    with pikepdf.open(path) as document:
        if _ATTACHMENT in document.attachments:
            return document.attachments[_ATTACHMENT].get_file().read_bytes().decode()
        keywords = document.docinfo.get("/Keywords")
        return None if keywords is None else str(keywords)


def _png_record(path: Path) -> str | None:
    from PIL.PngImagePlugin import PngImageFile

    with PngImageFile(path) as image:
        text = image.text.get(_PNG_KEY)
    return None if text is None else str(text)


def _svg_record(path: Path) -> str | None:
    from xml.etree import ElementTree

    found = ElementTree.parse(path).find(".//{http://purl.org/dc/elements/1.1/}description")
    return None if found is None else found.text
