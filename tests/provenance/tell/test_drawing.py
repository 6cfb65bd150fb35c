"""A lineage as SVG: well-formed, the same for the same lineage, nothing outside the page."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from made.builder import Store, made_up, pipeline

from layeratlas import lineage
from layeratlas.provenance.tell.drawing import to_svg
from layeratlas.provenance.tell.grouping import grouped

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def table(tmp_path):
    pipeline(tmp_path, shards=10, experiments=4)
    return lineage("figures/f.pdf", tmp_path)


def test_a_box_a_group_and_an_arrow_a_use(table):
    groups, drawn = grouped(table), to_svg(table)
    assert drawn == to_svg(table)
    root = ElementTree.fromstring(drawn)
    many = sum(len(group.rows) > 1 for group in groups)
    background = 1
    assert len(root.findall(f"{SVG}rect")) == background + len(groups) + many
    assert len(root.findall(f"{SVG}path")) == sum(len(group.used_by) for group in groups)
    assert drawn.count("10 shards") == 4


def test_boxes_lie_on_the_page_and_apart(table):
    root = ElementTree.fromstring(to_svg(table))
    width, height = float(root.get("width")), float(root.get("height"))
    boxes = []
    for box in root.findall(f"{SVG}rect")[1:]:
        x, y, w, h = (float(box.get(name)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
        boxes.append((x, y, w, h))
    # Outlines that say "many" lie 5 behind their own box.
    firm = [b for b in boxes if (b[0] - 5, b[1] - 5, b[2], b[3]) not in boxes]
    for i, (x, y, w, h) in enumerate(firm):
        for u, v, s, t in firm[:i]:
            assert x + w <= u or u + s <= x or y + h <= v or v + t <= y


def test_names_are_escaped(tmp_path):
    store = Store(tmp_path)
    file = made_up("a<b>&.pdf")
    store.job("draw_figure", [], [file])
    drawn = to_svg(lineage(file.digest, tmp_path))
    ElementTree.fromstring(drawn)
    assert "a&lt;b&gt;&amp;.pdf" in drawn
