"""Identities in a PDF: where they are written, how they are found, on which page they are drawn.

They are written at four places, since programs keep different ones (docs/provenance.md has the
table): an attachment and the keywords, which are the document's; and one stream of XMP metadata
that both the page and the drawing itself name, a form XObject. Whatever puts the page into another
document, LaTeX or a page tool, takes the drawing with its metadata along.

They are found without a parser of PDF. A stream is never inside another object, so it stands in
plain sight in whatever form a program has saved the document, unless it encrypted it. Only filters
that we write are undone.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from layeratlas.figures.carriers import inflated
from layeratlas.figures.identity import LONGEST, identity_text

NAMESPACE = "urn:x-layeratlas:identity#"
"""Of the element `identity` in XMP."""

_ATTACHMENT = "layeratlas.json"
_MOST_ATTACHMENTS = 100
# A paper may hold many figures, each with metadata of whoever drew it.
_MOST_METADATA = 5000
_XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    f'<rdf:Description rdf:about="" xmlns:layeratlas="{NAMESPACE}">\n'
    "<layeratlas:identity>{}</layeratlas:identity>\n"
    "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n"
    '<?xpacket end="r"?>\n'
)
_IN_XMP = re.compile(
    rb"""<layeratlas:identity>([^<]*)<|\blayeratlas:identity\s*=\s*(?:"([^"]*)"|'([^']*)')"""
)


# --- writing ----------------------------------------------------------------------------------
def with_identity(pdf: bytes, identity: Mapping[str, str]) -> bytes:
    """The PDF of one page with its identity attached, and in the metadata of page and drawing."""
    import pikepdf

    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        _attach(document, identity)
        if identity:
            _wrap(document, identity)
        # The page is compressed already; metadata should be found by whoever looks for text.
        document.save(buffer, deterministic_id=True, compress_streams=False)
    return buffer.getvalue()


def _attach(document, identity: Mapping[str, str]) -> None:
    """A file that any PDF viewer lists and saves."""
    import pikepdf

    attached = pikepdf.AttachedFileSpec(
        document,
        f"{identity_text(identity, indent=2)}\n".encode(),
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


def _wrap(document, identity: Mapping[str, str]) -> None:
    """Make the page's content one form XObject that names its metadata (ISO 32000-1, 14.3.2)."""
    from pikepdf import Array, Dictionary, Name, Stream

    text = html.escape(identity_text(identity), quote=False)
    metadata = document.make_indirect(
        Stream(document, _XMP.format(text).encode(), Type=Name.Metadata, Subtype=Name.XML)
    )
    page = document.pages[0].obj
    drawing = page.Contents
    drawing.Type, drawing.Subtype = Name.XObject, Name.Form
    drawing.BBox, drawing.Resources = Array(list(page.MediaBox)), page.Resources
    if "/Group" in page:
        drawing.Group = page.Group
    drawing.Metadata = page.Metadata = metadata
    page.Resources = Dictionary(XObject=Dictionary(LayerAtlas=drawing))
    page.Contents = document.make_stream(b"/LayerAtlas Do\n")


# --- finding ----------------------------------------------------------------------------------
class Text(NamedTuple):
    """What may be an identity, where it stands, and whether it stands where only ours do."""

    content: bytes
    at: int
    ours: bool


def texts(content: bytes) -> Iterator[Text]:
    """Attached files, metadata of the drawing, then (a print of one figure keeps no more) the
    keywords."""
    for found in _first(rb"/EmbeddedFile\b", content, _MOST_ATTACHMENTS):
        if (text := _stream(content, found.start())) is not None:
            yield Text(text, found.start(), b'"cube ' in text)
    for found in _first(rb"/Type\s*/Metadata\b", content, _MOST_METADATA):
        for written in _IN_XMP.findall(_stream(content, found.start()) or b""):
            text = html.unescape(b"".join(written).decode("utf-8", "replace")).encode()
            yield Text(text, found.start(), True)
    for found in _first(rb"/Keywords\s*", content, _MOST_ATTACHMENTS):
        if (text := _string(content[found.end() : found.end() + 4 * LONGEST])) is not None:
            yield Text(text, found.start(), b'"cube ' in text)


def is_encrypted(content: bytes) -> bool:
    """Whether the trailer of a PDF says so; such a file's texts are noise without its key."""
    return re.search(rb"/Encrypt\s+\d+\s+\d+\s+R\b", content) is not None


def _first(pattern: bytes, content: bytes, most: int) -> Iterator[re.Match[bytes]]:
    for number, found in enumerate(re.finditer(pattern, content)):
        if number == most:
            return
        yield found


def _stream(content: bytes, at: int) -> bytes | None:
    """The bytes of the stream whose dictionary mentions position `at`; None for one that is longer
    than ours or has other filters."""
    start = content.find(b"stream", at, at + 4096)
    before = content.rfind(b" obj", max(0, at - 4096), at)
    end = content.find(b"endstream", start, start + 2 * LONGEST)
    if min(start, before, end) < 0:
        return None
    begin = start + len(b"stream\r\n" if content[start + 6 : start + 8] == b"\r\n" else b"stream\n")
    return undone(content[before:start], content[begin:end], LONGEST)


def undone(dictionary: bytes, raw: bytes, most: int) -> bytes | None:
    """The data of a stream; None where another filter was used than zlib's, or where that gives
    more than `most` bytes."""
    filters = re.search(rb"/Filter\s*(\[[^\]]*\]|/\w+)", dictionary)
    if filters is None:
        return raw[: most + 1]
    if re.findall(rb"/\w+", filters[1]) != [b"/FlateDecode"]:
        return None
    try:
        return inflated(raw, most)
    except ValueError:
        return None


def _string(rest: bytes) -> bytes | None:
    """A string of PDF at the beginning of `rest`, as UTF-8; None where it has no end."""
    if rest[:1] == b"<":
        digits = re.match(rb"<([0-9A-Fa-f\s]*)>", rest)
        if digits is None:
            return None
        return _text(bytes.fromhex(digits[1].decode()) if len(digits[1]) % 2 == 0 else b"")
    if rest[:1] != b"(":
        return None
    written = bytearray()
    depth = 0
    # A part is an escape, a bracket, or what lies between them.
    for part in re.findall(rb"\\[0-7]{1,3}|\\\r?\n|\\.|[()]|[^\\()]+", rest, re.DOTALL):
        if part == b"(":
            depth += 1
        elif part == b")":
            depth -= 1
            if depth == 0:
                return _text(bytes(written[1:]))
        written += _unescaped(part) if part[:1] == b"\\" else part
    return None


_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _unescaped(part: bytes) -> bytes:
    if part[1:2].isdigit():
        return bytes([int(part[1:], 8) & 255])
    return b"" if part[1:] in (b"\n", b"\r\n") else _ESCAPES.get(part[1:], part[1:])


def _text(content: bytes) -> bytes:
    """A text string of PDF is UTF-16 behind a mark, or one byte a character."""
    if content.startswith(b"\xfe\xff"):
        return content[2:].decode("utf-16-be", "replace").encode("utf-8", "replace")
    return content
