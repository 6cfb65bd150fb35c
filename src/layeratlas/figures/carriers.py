"""Where each format of a figure carries text of ours, and how it is found without decoding it.

The text lies in plain sight: a stream of a PDF, a chunk of a PNG, an element near the beginning of
an SVG. So no page is parsed, no image decoded and no entity expanded: a file that would inflate to
gigabytes costs no more than its own bytes.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from layeratlas.bounded.files import MIB, open_regular, read_bytes
from layeratlas.errors import UnreadableError
from layeratlas.figures.identity import LONGEST

LARGEST = 64 * MIB
"""Bytes of a PDF that is looked through: a figure has less than a tenth of it."""
PNG_KEY = "layeratlas"

_HEAD = 4 * MIB
_MOST_CHUNKS = 100_000
_MOST_ATTACHMENTS = 100
_DESCRIPTION = "http://purl.org/dc/elements/1.1/ description"


# --- PDF --------------------------------------------------------------------------------------
def pdf_texts(path: Path) -> Iterator[bytes]:
    """Attached files, then (some programs drop attachments) the keywords.

    A stream is never inside another object, so an attached file is found in whatever form a program
    has saved the document, unless it encrypted it. Only filters that we write are undone.
    """
    content = read_bytes(path, LARGEST)
    if not content.startswith(b"%PDF-"):
        raise UnreadableError(path, "cannot be read as pdf: it does not begin like one")
    for number, found in enumerate(re.finditer(rb"/EmbeddedFile\b", content)):
        if number == _MOST_ATTACHMENTS:
            break
        if (text := _stream(content, found.start())) is not None:
            yield text
    for number, found in enumerate(re.finditer(rb"/Keywords\s*", content)):
        if number == _MOST_ATTACHMENTS:
            break
        if (text := _string(content[found.end() : found.end() + 4 * LONGEST])) is not None:
            yield text


def _stream(content: bytes, at: int) -> bytes | None:
    """The bytes of the stream whose dictionary mentions position `at`; None for other filters."""
    start = content.find(b"stream", at, at + 4096)
    before = content.rfind(b" obj", max(0, at - 4096), at)
    end = content.find(b"endstream", start, start + 2 * LONGEST)
    if min(start, before, end) < 0:
        return None
    dictionary = content[before:start]
    start += len(b"stream\r\n" if content[start + 6 : start + 8] == b"\r\n" else b"stream\n")
    raw = content[start:end]
    filters = re.search(rb"/Filter\s*(\[[^\]]*\]|/\w+)", dictionary)
    if filters is None:
        return raw
    return inflated(raw) if re.findall(rb"/\w+", filters[1]) == [b"/FlateDecode"] else None


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


# --- PNG --------------------------------------------------------------------------------------
def png_texts(path: Path) -> Iterator[bytes]:
    """Texts under our key, plain or compressed; chunks of pixels are passed over."""
    with open(open_regular(path), "rb") as file:  # noqa: PTH123  (a descriptor)
        if file.read(8) != b"\x89PNG\r\n\x1a\n":
            raise UnreadableError(path, "cannot be read as png: it does not begin like one")
        for kind, data in _chunks(file, path):
            key, _, text = data.partition(b"\0")
            if key != PNG_KEY.encode():
                continue
            if kind == b"iTXt":
                compressed, (_, _, text) = text[:1] == b"\1", text[2:].split(b"\0", 2)
                yield inflated(text) if compressed else text
            else:
                yield inflated(text[1:]) if kind == b"zTXt" else text


def _chunks(file: BinaryIO, path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Chunks of text: (kind, data)."""
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head)
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            file.seek(size + 4, os.SEEK_CUR)
            continue
        if size > 2 * LONGEST:
            raise UnreadableError(path, f"carries a text of {size} bytes")
        data, check = file.read(size), file.read(4)
        if check != struct.pack(">I", zlib.crc32(kind + data)):
            raise UnreadableError(path, "cannot be read as png: a text does not fit its checksum")
        yield kind, data
    raise UnreadableError(path, f"cannot be read as png: it has over {_MOST_CHUNKS} chunks")


# --- SVG --------------------------------------------------------------------------------------
def svg_texts(path: Path) -> Iterator[bytes]:
    """The description in the metadata, which stand near the beginning of the file."""
    found: list[str] = []
    inside = done = False

    def start(name: str, _: object) -> None:
        nonlocal inside
        inside = inside or (name == _DESCRIPTION and not done)

    def end(name: str) -> None:
        nonlocal inside, done
        if inside and name == _DESCRIPTION:
            inside, done = False, True

    def text(part: str) -> None:
        if inside and len(found) <= LONGEST:
            found.append(part)

    def refuse(*_: object) -> None:
        raise UnreadableError(path, "cannot be read as svg: it defines entities, as we never do")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = text, refuse
    with open(open_regular(path), "rb") as file:  # noqa: PTH123  (a descriptor)
        try:
            for _ in range(_HEAD >> 14):
                part = file.read(1 << 14)
                parser.Parse(part, not part)
                if done or not part:
                    break
        except expat.ExpatError as error:
            raise UnreadableError(path, f"cannot be read as svg: {error}") from error
    if done:
        yield "".join(found).encode()


def inflated(raw: bytes) -> bytes:
    """`raw` undone by zlib; ValueError where it is longer than `LONGEST`, or not whole."""
    undo = zlib.decompressobj()
    try:
        content = undo.decompress(raw, LONGEST + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(content) > LONGEST:
        raise ValueError(f"a text inflates to more than {LONGEST} bytes")
    if not undo.eof:
        raise ValueError("a compressed text has no end")
    return content
