"""Pages that draw a stream, against what pikepdf says, and within bounds."""

from __future__ import annotations

import io
import re
import zlib

import pikepdf
import pytest
from matplotlib.figure import Figure

from layeratlas.figures import output
from layeratlas.figures.pages import pages_of


def drawing(name: str) -> bytes:
    return output.render(Figure((1, 1)), name, {"figure": name, "cube a": "12" * 32})["pdf"]


@pytest.fixture(scope="module")
def figures() -> dict[str, bytes]:
    return {name: drawing(name) for name in ("one", "two", "three")}


def paper(figures: dict[str, bytes], plan: list[tuple[str, ...]], **how) -> bytes:
    """A page for each entry of `plan`, with these figures on it; contents link to every page."""
    document = pikepdf.new()
    for names in plan:
        page = document.add_blank_page(page_size=(200, 200))
        for name in names:
            with pikepdf.open(io.BytesIO(figures[name])) as figure:
                page.add_overlay(figure.pages[0])
    with document.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(f"{i}", i) for i in range(len(plan)))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 9, 9],
        Dest=[document.pages[-1].obj, pikepdf.Name.Fit],
    )
    document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(link)])
    buffer = io.BytesIO()
    document.save(buffer, **how)
    return buffer.getvalue()


def found(content: bytes) -> dict[str, tuple[int, ...]]:
    """Name of a figure to its pages, by streams in plain sight."""
    places = [
        (match.start(), re.search(rb'"figure": "(\w+)', match[0]))
        for match in re.finditer(rb"<x:xmpmeta.*?</x:xmpmeta>", content, re.S)
    ]
    pages = pages_of(content, [at for at, _ in places])
    told: dict[str, set[int]] = {}
    for at, name in places:
        assert name is not None
        told.setdefault(name[1].decode(), set()).update(pages[at])
    return {name: tuple(sorted(numbers)) for name, numbers in told.items()}


def by_parser(content: bytes) -> dict[str, tuple[int, ...]]:
    """The same by walking the resources of each page."""
    told: dict[str, tuple[int, ...]] = {}

    def walk(resources, number):
        for form in resources.get("/XObject", {}).values():
            if "/Metadata" in form:
                text = form.Metadata.read_bytes().decode()
                name = re.search(r'"figure": "(\w+)', text)[1]
                if number not in told.get(name, ()):
                    told[name] = (*told.get(name, ()), number)
            walk(form.get("/Resources", {}), number)

    with pikepdf.open(io.BytesIO(content)) as document:
        for number, page in enumerate(document.pages, 1):
            walk(page.obj.get("/Resources", {}), number)
    return told


HOW = {
    "plain": {},
    "packed": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "linearized": {"linearize": True},
    "readable": {"qdf": True},
}


@pytest.mark.parametrize("how", HOW)
def test_pages_are_those_that_a_parser_finds(figures, how):
    plan = [(), ("two",), ("one", "two"), (), ("three",)]
    content = paper(figures, plan, compress_streams=False, **HOW[how])
    assert found(content) == by_parser(content)
    assert found(content) == {"one": (3,), "two": (2, 3), "three": (5,)}


def test_of_a_page_that_was_changed_the_last_version_counts(figures):
    content = paper(figures, [("one",), ("two",)], compress_streams=False)
    with pikepdf.open(io.BytesIO(content)) as document:
        first = document.pages[0].obj.objgen[0]
    # As programs do that append what they change: the first page is empty now.
    later = f"\n{first} 0 obj\n<< /Type /Page /MediaBox [0 0 9 9] >>\nendobj\n".encode()
    assert found(content + later) == {"one": (), "two": (2,)}


def test_a_tree_that_bites_its_tail_ends():
    tree = b"1 0 obj <</Type/Catalog /Pages 2 0 R>> endobj 2 0 obj <</Kids [2 0 R 3 0 R]>> endobj "
    tree += b"3 0 obj <</Type /Page /Parent 2 0 R /X 4 0 R>> endobj 4 0 obj <</X 4 0 R>> endobj"
    assert pages_of(tree, [tree.index(b"4 0 obj")]) == {tree.index(b"4 0 obj"): (1,)}
    assert pages_of(tree, [0]) == {0: ()}


@pytest.mark.parametrize("content", [b"", b"1 0 obj", b"1 0 obj << stream\n", b"%PDF-1.4\n"])
def test_what_is_no_document_has_no_pages(content):
    assert pages_of(content, [0]) == {0: ()}


def test_too_much_is_not_looked_at():
    tree = b"1 0 obj <</Type/Catalog /Pages 2 0 R>> endobj 2 0 obj <</Kids [3 0 R]>> endobj "
    tree += b"3 0 obj <</Type /Page /X 4 0 R>> endobj 4 0 obj <<>> endobj "
    at = tree.index(b"4 0 obj")
    assert pages_of(tree, [at]) == {at: (1,)}
    assert pages_of(tree + b"5 0 obj endobj " * 250_001, [at]) == {at: ()}
    packed = zlib.compress(b" " * (7 << 20))
    head = b"6 0 obj << /Type /ObjStm /N 0 /First 0 /Filter /FlateDecode >>\nstream\n"
    assert pages_of(tree + (head + packed + b"\nendstream ") * 4, [at]) == {at: (1,)}
    assert pages_of(tree + (head + packed + b"\nendstream ") * 5, [at]) == {at: ()}


def test_a_figure_of_ours_is_on_its_page(figures):
    assert found(figures["one"]) == {"one": (1,)}
