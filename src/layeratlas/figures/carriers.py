"""Where each format of a figure carries text of ours, and how it is found without decoding it.

The text lies in plain sight: a stream of a PDF (`figures.pdf`), a chunk of a PNG, an element or
attribute of an SVG, a comment of a GIF or a table. So no image is decoded and no entity expanded: a
file that would inflate to gigabytes costs no more than its own bytes.
"""

from __future__ import annotations

import html
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
"""Bytes of a file that is looked through: a figure has less than a tenth of it."""
PNG_KEY = "layeratlas"
SVG_ATTRIBUTE = "data-layeratlas"

_HEAD = 4 * MIB
_MOST_CHUNKS = 100_000
_MOST_TEXTS = 1000
_DESCRIPTION = "http://purl.org/dc/elements/1.1/ description"
_ATTRIBUTE = re.compile(rb"""\bdata-layeratlas\s*=\s*(?:"([^"]+)"|'([^']+)')""")
_COMMENT = re.compile(rb"Layer Atlas [0-9a-f]{7} (?=\{)")


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
    """The description in the metadata, which stand near the beginning of the file, then what
    groups say of themselves: a group goes where the drawing goes."""
    yield from _descriptions(path)
    with open(open_regular(path), "rb") as file:  # noqa: PTH123  (a descriptor)
        content = file.read(LARGEST)
    for number, found in enumerate(_ATTRIBUTE.finditer(content)):
        if number == _MOST_TEXTS:
            break
        written = found[1] or found[2]
        if len(written) <= 8 * LONGEST:
            yield html.unescape(written.decode("utf-8", "replace")).encode()


def _descriptions(path: Path) -> Iterator[bytes]:
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


# --- GIF --------------------------------------------------------------------------------------
def gif_texts(path: Path) -> Iterator[bytes]:
    """Comments; images are passed over (GIF89a, sections 15 to 24)."""
    content = read_bytes(path, LARGEST)
    if content[:6] not in (b"GIF87a", b"GIF89a") or len(content) < 13:
        raise UnreadableError(path, "cannot be read as gif: it does not begin like one")
    at = 13 + _colours(content[10])
    comments = 0
    while content[at : at + 1] in (b"!", b",") and comments < _MOST_TEXTS:
        if content[at] == ord("!"):
            is_comment = content[at + 1 : at + 2] == b"\xfe"
            text, at = _blocks(content, at + 2)
            if is_comment:
                comments += 1
                yield text
        elif len(content) > at + 9:
            _, at = _blocks(content, at + 11 + _colours(content[at + 9]))
        else:
            return


def _colours(packed: int) -> int:
    """Bytes of the table of colours that a packed field tells of."""
    return 3 * 2 ** ((packed & 0b111) + 1) if packed & 0b1000_0000 else 0


def _blocks(content: bytes, at: int) -> tuple[bytes, int]:
    """The beginning of what the blocks from `at` hold, and where they end."""
    found = bytearray()
    while at < len(content) and (size := content[at]):
        if len(found) <= LONGEST:
            found += content[at + 1 : at + 1 + size]
        at += 1 + size
    return bytes(found), at + 1


# --- tables -----------------------------------------------------------------------------------
def comment_texts(path: Path) -> Iterator[bytes]:
    """Identities behind marks in the comments of LaTeX and Markdown, also of a whole paper's."""
    content = read_bytes(path, LARGEST)
    for number, found in enumerate(_COMMENT.finditer(content)):
        if number == _MOST_TEXTS:
            break
        line, _, _ = content[found.end() : found.end() + 2 * LONGEST].partition(b"\n")
        yield line[: line.rfind(b"}") + 1]


def inflated(raw: bytes, most: int = LONGEST) -> bytes:
    """`raw` undone by zlib; ValueError where it is longer than `most`, or not whole."""
    undo = zlib.decompressobj()
    try:
        content = undo.decompress(raw, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(content) > most:
        raise ValueError(f"a text inflates to more than {most} bytes")
    if not undo.eof:
        raise ValueError("a compressed text has no end")
    return content
