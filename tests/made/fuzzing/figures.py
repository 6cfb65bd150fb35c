"""Figures spoiled: what they say of themselves, where it lies in the file, bombs."""

from __future__ import annotations

import functools
import io
import json
import struct
import zlib
from typing import Any

import hypothesis.strategies as st

from made.fuzzing.documents import ODD_JSON, OUTSIDE, Raw, sealed_anew, spoiled_trees, written


@st.composite
def _identity(draw: st.DrawFn, record: dict[str, Any]) -> str:
    """What a figure says of itself, spoiled."""
    what = draw(st.sampled_from(("tree", "tree", "tree", "cubes", "long")))
    if what == "tree":
        return draw(spoiled_trees(record))
    if what == "cubes":
        many = {f"cube c{n}": "ab" * 32 for n in range(draw(st.sampled_from((1, 100_000))))}
        return json.dumps({**record, **many})
    name, value = draw(st.sampled_from(sorted(record))), draw(st.sampled_from(ODD_JSON))
    return written(Raw(json.dumps({**record, name: None}).replace("null", written(value))))


@st.composite
def spoiled_pdf(draw: st.DrawFn, content: bytes) -> bytes:
    import pikepdf

    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        attached = document.attachments["layeratlas.json"]
        record = json.loads(attached.get_file().read_bytes())
        what = draw(st.sampled_from(("text", "text", "text", "bomb", "gone", "both", "type")))
        text = draw(sealed_anew(_identity(record))).encode("utf-8", "replace")
        del document.attachments["layeratlas.json"]
        if what not in ("gone", "both"):
            spec = pikepdf.AttachedFileSpec(document, text, filename="layeratlas.json")
            document.attachments["layeratlas.json"] = spec
            if what == "bomb":
                twice = pikepdf.Array([pikepdf.Name.FlateDecode] * 2)
                spec.get_file().obj.write(zlib.compress(_blanks()), filter=twice)
            if what == "type":
                spec.obj.EF = draw(st.sampled_from((pikepdf.Array([]), pikepdf.Dictionary())))
        elif what == "gone":
            document.docinfo["/Keywords"] = text.decode()[:1_000_000]
        else:
            del document.docinfo["/Keywords"]
        # As it is: what is packed twice would be unpacked to be packed once.
        document.save(
            file,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
        )
    return file.getvalue()


@st.composite
def spoiled_png(draw: st.DrawFn, content: bytes) -> bytes:
    at = content.index(b"tEXtlayeratlas\x00") - 4
    (size,) = struct.unpack(">I", content[at : at + 4])
    record = json.loads(content[at + 19 : at + 8 + size])
    text = draw(sealed_anew(_identity(record))).encode("latin-1", "replace")
    what = draw(st.sampled_from(("text", "text", "text", "bomb", "late", "size", "short")))
    chunk = _png_chunk(b"tEXt", b"layeratlas\x00" + text)
    if what == "bomb":
        chunk = _png_chunk(b"zTXt", b"layeratlas\x00\x00" + _blanks())
    rest = content[at + 12 + size :]
    if what == "size":
        lie = draw(st.sampled_from((0, 1, 2**31 - 1, 2**32 - 1)))
        chunk = struct.pack(">I", lie) + chunk[4:]
    if what == "late":
        rest, chunk = rest[:-12] + chunk + rest[-12:], b""
    header = content[:at]
    if what == "short":
        sides = struct.pack(">II", *draw(st.sampled_from(((0, 0), (2**31 - 1, 2**31 - 1)))))
        header = header[:16] + sides + header[24:29] + struct.pack(
            ">I", zlib.crc32(header[12:16] + sides + header[24:29])) + header[33:]  # fmt: skip
    return header + chunk + rest


@functools.cache
def _blanks() -> bytes:
    """1.5 GiB of blanks in 1.5 MB, as zlib packs them; which itself packs well."""
    block, packer = b" " * (1 << 20), zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, checksum = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH), 1
    for _ in range(1536):
        checksum = zlib.adler32(block, checksum)
    return b"\x78\xda" + packed * 1536 + packer.flush() + struct.pack(">I", checksum)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@st.composite
def spoiled_svg(draw: st.DrawFn, content: bytes) -> bytes:
    from xml.sax.saxutils import escape, unescape

    text = content.decode()
    begin, end = text.index("<dc:description>") + 16, text.index("</dc:description>")
    record = json.loads(unescape(text[begin:end], {"&quot;": '"'}))
    what = draw(st.sampled_from(("text", "text", "text", "laughs", "entity", "twice", "deep")))
    said = escape(draw(sealed_anew(_identity(record))))
    if what in ("laughs", "entity"):
        said = "&z;"
    head, tail = text[:begin], text[end:]
    if what == "laughs":
        entities = '<!ENTITY a "ha">' + "".join(
            f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(24)
        ) + '<!ENTITY z "&y;">'  # fmt: skip
        head = _with_doctype(head, entities)
    if what == "entity":
        head = _with_doctype(head, f'<!ENTITY z SYSTEM "file://{OUTSIDE}/secret.json">')
    if what == "twice":
        said = f"{said}</dc:description><dc:description>{said}"
    if what == "deep":
        said = "<g>" * 100_000 + "</g>" * 100_000
    return (head + said + tail).encode("utf-8", "replace")


def _with_doctype(head: str, entities: str) -> str:
    begin = head.index("<svg")
    before = head[: head.index("<!DOCTYPE")] if "<!DOCTYPE" in head else head[:begin]
    return f"{before}<!DOCTYPE svg [{entities}]>{head[begin:]}"
