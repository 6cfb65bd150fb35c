"""Texts inside figures: found as other programs leave them, and never inflated without bound."""

from __future__ import annotations

import html
import io
import json
import os
import resource
import struct
import sys
import zlib
from pathlib import Path

import pikepdf
import pytest
from made.children import exit_code, in_child
from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin

from layeratlas.bounded.files import KIB, MIB
from layeratlas.errors import StoreError
from layeratlas.figures import output
from layeratlas.figures.animation import Animation
from layeratlas.figures.animation import save as save_animation
from layeratlas.figures.carriers import comment_texts, gif_texts, inflated, png_texts, svg_texts
from layeratlas.figures.identity import comment, identity_text

IDENTITY = {"figure": "f", "cube a": "12" * 32, "code": "é(\\)"}


@pytest.fixture(scope="module")
def figure(tmp_path_factory) -> Path:
    """The stem of an empty figure in three formats."""
    stem = tmp_path_factory.mktemp("figures") / "f"
    output.save(Figure(), stem, IDENTITY)
    return stem


SAVED = {
    "object streams": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "linearized": {"linearize": True},
    "uncompressed": {"compress_streams": False},
    "readable": {"qdf": True},
}


@pytest.mark.parametrize("how", SAVED)
def test_a_pdf_saved_by_another_program(figure, tmp_path, how):
    with pikepdf.open(figure.with_suffix(".pdf")) as document:
        document.save(tmp_path / "f.pdf", **SAVED[how])
    assert output.read_identity(tmp_path / "f.pdf") == IDENTITY


@pytest.mark.parametrize("written", ["(plain \\(é\\))", "unicode é"])
def test_keywords_as_any_program_writes_them(figure, tmp_path, written):
    identity = IDENTITY | {"note": written, "code": "é \u2713"}
    with pikepdf.open(figure.with_suffix(".pdf")) as document:
        del document.attachments["layeratlas.json"]
        document.docinfo["/Keywords"] = json.dumps(identity, ensure_ascii=False)
        document.save(tmp_path / "f.pdf")
    assert output.read_identity(tmp_path / "f.pdf") == identity


@pytest.mark.parametrize("kind", ["plain", "compressed", "international"])
def test_a_png_saved_by_another_program(tmp_path, kind):
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "f")
    if kind == "international":
        text.add_itxt("layeratlas", json.dumps(IDENTITY), zip=True)
    else:
        text.add_text("layeratlas", json.dumps(IDENTITY), zip=kind == "compressed")
    Image.new("L", (4, 4)).save(tmp_path / "f.png", pnginfo=text)
    assert output.read_identity(tmp_path / "f.png") == IDENTITY


@pytest.mark.parametrize("quote", ['"', "'"])
def test_an_svg_whose_metadata_are_gone(figure, tmp_path, quote):
    content = figure.with_suffix(".svg").read_text()
    before, _, rest = content.partition("<metadata>")
    bare = before + rest.partition("</metadata>")[2]
    assert "dc:description" not in bare
    path = tmp_path / "f.svg"
    path.write_text(bare)
    assert output.read_identity(path) == IDENTITY
    # Two figures in one drawing, as another program writes attributes.
    said = html.escape(identity_text(IDENTITY | {"figure": "g"}))
    path.write_text(bare.replace("</svg>", f"<g data-layeratlas = {quote}{said}{quote}/></svg>"))
    assert [one.identity["figure"] for one in output.read_identities(path)[0]] == ["f", "g"]


def test_an_animation_says_what_it_is(tmp_path):
    moving = Animation(Figure((1, 1)), lambda frame: None, 2, dpi=40)
    path = save_animation(moving, tmp_path / "f.gif", IDENTITY)
    assert output.read_identity(path) == IDENTITY
    # As programs write comments, after the images; and another's comment beside it.
    whole = path.read_bytes()
    start = whole.index(b"!\xfe")
    _, end = next(iter([(0, whole.index(b"\0", start))]))
    moved = whole[:start] + whole[end + 1 : -1] + b"!\xfe\x05hello\0" + whole[start : end + 1]
    path.write_bytes(moved + b";")
    assert output.read_identity(path) == IDENTITY
    Image.new("P", (2, 2)).save(path)
    with pytest.raises(StoreError, match="carries no identity"):
        output.read_identity(path)


@pytest.mark.parametrize("kind", ["tex", "md"])
def test_tables_in_the_source_of_a_paper(tmp_path, kind):
    other = IDENTITY | {"figure": "g"}
    before, after = ("% ", "") if kind == "tex" else ("<!-- ", " -->")
    lines = [f"{before}{comment(identity)}{after}\r" for identity in (IDENTITY, other, IDENTITY)]
    path = tmp_path / f"paper.{kind}"
    path.write_text("\n".join(["Layer Atlas 1234567 is text.", *lines, "Layer Atlas 1234567 {"]))
    found, refused = output.read_identities(path)
    assert [one.identity for one in found] == [IDENTITY, other]
    assert len(refused) == 1
    path.write_text(path.read_text().replace('"f"', '"x"'))
    found, refused = output.read_identities(path)
    assert [one.identity for one in found] == [other]
    assert len(refused) == 3


# --- bombs ------------------------------------------------------------------------------------
def nested_pdf() -> bytes:
    """An attachment of 160 MB that two filters make small."""
    document = pikepdf.new()
    document.add_blank_page()
    squeeze = zlib.compressobj()
    once = b"".join(squeeze.compress(bytes(4 * MIB)) for _ in range(40)) + squeeze.flush()
    spec = pikepdf.AttachedFileSpec(document, b"x", filename="layeratlas.json")
    document.attachments["layeratlas.json"] = spec
    stream = spec.obj.EF.F
    stream.write(
        zlib.compress(once),
        filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]),
    )
    buffer = io.BytesIO()
    document.save(buffer, compress_streams=False, stream_decode_level=None)
    return buffer.getvalue()


def flat_pdf() -> bytes:
    squeeze = zlib.compressobj()
    once = b"".join(squeeze.compress(bytes(4 * MIB)) for _ in range(40)) + squeeze.flush()
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode >>\nstream\n"
    return head + once[: 100 * KIB] + b"\nendstream\nendobj\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def wide_png() -> bytes:
    """160 MB of pixels before any text."""
    squeeze = zlib.compressobj()
    rows = b"".join(squeeze.compress(bytes(20_001 * 200)) for _ in range(40)) + squeeze.flush()
    return png(chunk(b"IDAT", rows))


def text_png() -> bytes:
    return png(chunk(b"zTXt", b"layeratlas\0\0" + zlib.compress(bytes(100 * MIB))))


def many_chunks() -> bytes:
    return png(*[chunk(b"tEXt", b"Title\0f")] * 3, chunk(b"abCd", b"") * 200_000)


ENTITIES = (
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi"))  # noqa: B905
    + ']><svg xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>&i;</dc:description></svg>'
)
BOMBS = {
    "nested.pdf": nested_pdf,
    "flat.pdf": flat_pdf,
    "many.pdf": lambda: b"%PDF-1.7\n" + b"/EmbeddedFile /Keywords (" * 400_000,
    "brackets.pdf": lambda: b"%PDF-1.7\n/Keywords " + b"(" * 10 * MIB,
    "wide.png": wide_png,
    "text.png": text_png,
    "chunks.png": many_chunks,
    "size.png": lambda: png(struct.pack(">I4s", 2**31, b"tEXt")),
    "entities.svg": ENTITIES.encode,
    "deep.svg": lambda: b"<a>" * 500_000,
    "lines.tex": lambda: b"Layer Atlas 1234567 {" * 400_000,
    "many.svg": lambda: b"<svg>" + b"data-layeratlas=\"x' " * 400_000 + b"</svg>",
    "many.gif": lambda: b"GIF89a" + bytes(7) + b"!\xfe\x01a\0" * 400_000,
    "long.gif": lambda: b"GIF89a" + bytes(7) + b"!\xfe" + (b"\xff" + b"a" * 255) * 40_000,
    "metadata.pdf": lambda: b"%PDF-1.7\n" + b"1 0 obj /Type /Metadata stream " * 400_000,
    "long.svg": lambda: b'<svg a="' + b"a" * 20 * MIB,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_little_memory(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(BOMBS[name]())

    def read():
        with pytest.raises(StoreError, match=name) as refused:
            output.read_identity(path)
        assert len(str(refused.value)) < 400
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if MAC else KIB)
        assert peak - before < 100 * MIB

    MAC = sys.platform == "darwin"
    # A fork begins with its parent's peak; what matters is how much is added to it.
    before = resident()
    assert exit_code(in_child(read)) == 0


def test_packed_objects_around_a_figure_are_unpacked_within_bounds(figure, tmp_path):
    bomb = b"9 0 obj <</Type /ObjStm /N 1 /First 9 /Filter /FlateDecode>>\nstream\n"
    bomb += zlib.compress(bytes(100 * MIB)) + b"\nendstream endobj\n"
    fair = b"9 0 obj <</Type /ObjStm /N 1 /First 9 /Filter /FlateDecode>>\nstream\n"
    fair += zlib.compress(b"1 0 R " * (MIB * 7 // 6)) + b"\nendstream endobj\n"
    path = tmp_path / "f.pdf"
    path.write_bytes(figure.with_suffix(".pdf").read_bytes() + bomb * 20 + fair * 20)

    def read():
        assert output.read_identity(path) == IDENTITY
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
        assert peak - before < 100 * MIB

    before = resident()
    assert exit_code(in_child(read)) == 0


def resident() -> int:
    """Bytes that this process holds now."""
    pages = Path("/proc/self/statm")
    if not pages.exists():
        pytest.skip("memory is measured on Linux")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_pipe_is_not_waited_for(tmp_path):
    for kind in output.FORMATS:
        os.mkfifo(tmp_path / f"f.{kind}")
        with pytest.raises(StoreError, match="no regular file"):
            output.read_identity(tmp_path / f"f.{kind}")


def test_inflating_has_a_bound_and_an_end():
    assert inflated(zlib.compress(b"abc")) == b"abc"
    with pytest.raises(ValueError, match="no end"):
        inflated(zlib.compress(b"abc" * 100)[:-5])
    with pytest.raises(ValueError, match="more than"):
        inflated(zlib.compress(bytes(MIB)))


@pytest.mark.parametrize("read", [png_texts, svg_texts, gif_texts, comment_texts])
def test_noise_is_refused_or_carries_nothing(tmp_path, read):
    path = tmp_path / "f"
    for content in (b"", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"<svg/>", os.urandom(2000)):
        path.write_bytes(content)
        try:
            assert list(read(path)) == []
        except StoreError as error:
            assert "cannot be read as" in str(error)
