"""Identities in a PDF: at four places, each found alone, whatever became of the rest."""

from __future__ import annotations

import html
import io
import json
import shutil
import subprocess
import zlib

import pikepdf
import pytest
from matplotlib.figure import Figure

from layeratlas.bounded.seals import sealed
from layeratlas.errors import StoreError
from layeratlas.figures import output, style
from layeratlas.figures.identity import identity_text, mark_of
from layeratlas.figures.pdf import NAMESPACE, is_encrypted, texts, undone, with_identity

IDENTITY = {"figure": "f", "preset": "smoke", "cube a": "12" * 32, "code": "é(\\)<&>'\""}


@style.styled
def plotted() -> Figure:
    figure = style.new_figure(style.COLUMN, 2)
    axes = figure.subplots()
    axes.fill_between([0, 1], [1, 2], alpha=0.3, label="$x$")
    axes.legend()
    return figure


@pytest.fixture(scope="module")
def written() -> bytes:
    return output.render(plotted(), "f", IDENTITY)["pdf"]


def without(content: bytes, *parts: str, **how) -> bytes:
    """The PDF after a program that drops these parts of it, and saves the rest as said."""
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        page = document.pages[0].obj
        if "attachment" in parts:
            del document.attachments["layeratlas.json"]
        if "keywords" in parts:
            del document.docinfo["/Keywords"]
        if "page" in parts:
            del page.Metadata
        if "drawing" in parts:
            del page.Resources.XObject.LayerAtlas.Metadata
        document.save(buffer, **how)
    return buffer.getvalue()


PARTS = ("attachment", "keywords", "page", "drawing")


@pytest.mark.parametrize("kept", PARTS)
def test_one_place_is_enough(written, kept, tmp_path):
    path = tmp_path / "f.pdf"
    path.write_bytes(without(written, *(part for part in PARTS if part != kept)))
    ((carried,), refused) = output.read_identities(path)
    assert carried.identity == IDENTITY
    assert carried.pages == ((1,) if kept in ("page", "drawing") else ())
    assert not refused
    path.write_bytes(without(written, *PARTS))
    with pytest.raises(StoreError, match="carries no identity"):
        output.read_identities(path)


def test_the_metadata_are_xmp(written):
    with pikepdf.open(io.BytesIO(written)) as document:
        page = document.pages[0].obj
        drawing = page.Resources.XObject.LayerAtlas
        assert drawing.Metadata.objgen == page.Metadata.objgen
        assert (drawing.Subtype, drawing.BBox) == ("/Form", page.MediaBox)
        # As pikepdf reads it, namespace and all.
        document.Root.Metadata = drawing.Metadata
        with document.open_metadata() as metadata:
            assert json.loads(metadata[f"{{{NAMESPACE}}}identity"]) == sealed(IDENTITY)


def test_it_looks_as_before(tmp_path):
    if not (renders := shutil.which("pdftoppm")):
        pytest.skip("pdftoppm is not installed")
    buffer = io.BytesIO()
    with style.context(**{"pdf.fonttype": 42}):
        plotted().savefig(buffer, format="pdf")
    plain = buffer.getvalue()
    for name, content in (("plain", plain), ("ours", with_identity(plain, IDENTITY))):
        (tmp_path / f"{name}.pdf").write_bytes(content)
        given, made = tmp_path / f"{name}.pdf", tmp_path / name
        subprocess.run([renders, "-r", "150", "-singlefile", given, made], check=True)
    drawn = (tmp_path / "ours.ppm").read_bytes()
    assert drawn == (tmp_path / "plain.ppm").read_bytes()
    assert len(set(drawn)) > 10


@pytest.mark.parametrize("how", ["element", "attribute", "apostrophes"])
def test_metadata_as_any_program_writes_them(tmp_path, how):
    said = html.escape(identity_text(IDENTITY))
    form = {
        "element": f"<layeratlas:identity>{said}</layeratlas:identity>",
        "attribute": f'<rdf:Description layeratlas:identity="{said}"/>',
        "apostrophes": f"<rdf:Description layeratlas:identity = '{said}'/>",
    }[how]
    packed = zlib.compress(f"<x:xmpmeta>{form}</x:xmpmeta>".encode())
    path = tmp_path / "f.pdf"
    path.write_bytes(
        b"%PDF-1.5\r\n4 0 obj\r\n<</Length 3 0 R/Filter[/FlateDecode]/Subtype/XML/Type/Metadata>>"
        b"stream\r\n" + packed + b"\r\nendstream endobj"
    )
    assert output.read_identity(path) == IDENTITY


def test_a_changed_byte_is_refused_or_told(written, tmp_path):
    path = tmp_path / "f.pdf"
    # Cut down to one place, which then lies.
    for kept in PARTS:
        others = [part for part in PARTS if part != kept]
        plain = without(written, *others, compress_streams=False)
        assert plain.count(b"1212") > 0
        path.write_bytes(plain.replace(b"1212", b"1312", 1))
        with pytest.raises(StoreError, match="does not fit its seal"):
            output.read_identities(path)
    # Where another place is whole, it is believed, and the other told.
    for at in range(written.count(b"12" * 32)):
        pieces = written.split(b"12" * 32)
        path.write_bytes(
            (b"12" * 32).join(pieces[: at + 1]) + b"13" * 32 + (b"12" * 32).join(pieces[at + 1 :])
        )
        ((carried,), (refused,)) = output.read_identities(path)
        assert carried.identity == IDENTITY
        assert "does not fit its seal" in str(refused)


def test_a_paper_carries_each_of_its_figures(tmp_path):
    others = [IDENTITY | {"figure": name} for name in ("g", "h", "i")]
    paper = pikepdf.new()
    for identity in (*others, others[0]):
        page = paper.add_blank_page(page_size=(300, 300))
        with pikepdf.open(io.BytesIO(output.render(Figure((1, 1)), "f", identity)["pdf"])) as drawn:
            page.add_overlay(drawn.pages[0])
    # Somebody else's figure has metadata too, and somebody attached their data.
    paper.pages[0].obj.Metadata = pikepdf.Stream(
        paper, b"<x:xmpmeta/>" + b" " * 300_000, Type=pikepdf.Name.Metadata
    )
    paper.attachments["data.json"] = pikepdf.AttachedFileSpec(paper, b"[1, 2]", filename="d.json")
    paper.attachments["big"] = pikepdf.AttachedFileSpec(paper, bytes(3 << 20), filename="big")
    paper.save(tmp_path / "paper.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    found, refused = output.read_identities(tmp_path / "paper.pdf")
    assert [one.identity["figure"] for one in found] == ["g", "h", "i"]
    assert [one.pages for one in found] == [(1, 4), (2,), (3,)]
    assert [one.mark for one in found] == [mark_of(identity) for identity in others]
    assert not refused


def test_other_filters_and_lengths_are_left_alone():
    raw = zlib.compress(b"abc")
    assert undone(b"<</Filter /FlateDecode>>", raw, 3) == b"abc"
    assert undone(b"<</Filter /FlateDecode>>", raw, 2) is None
    assert undone(b"<</Filter [/FlateDecode /FlateDecode]>>", raw, 9) is None
    assert undone(b"<</Filter /LZWDecode>>", raw, 9) is None
    assert undone(b"<<>>", b"abc", 9) == b"abc"


def test_an_encrypted_document_is_told(written, tmp_path):
    with pikepdf.open(io.BytesIO(written)) as document:
        document.save(tmp_path / "f.pdf", encryption=pikepdf.Encryption(owner="o", user=""))
    with pytest.raises(StoreError, match="is encrypted: save a copy without"):
        output.read_identity(tmp_path / "f.pdf")
    assert not is_encrypted(written)


def test_many_words_cost_little():
    content = b"%PDF-1.7\n" + b"/Type /Metadata stream /EmbeddedFile " * 100_000
    assert list(texts(content)) == []
