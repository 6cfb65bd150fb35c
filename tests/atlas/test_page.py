"""One file that holds all: the same content gives the same bytes, within the budget."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil

import pytest
from made.pages import DRAWING, small_atlas, told_in

from layeratlas.atlas import page as page_module
from layeratlas.atlas.page import WEB, bundle, modules, page
from layeratlas.errors import LayerAtlasError


@pytest.fixture(scope="module")
def text(made):
    return made.page()


def held(text: str, key: str) -> bytes | None:
    found = re.search(rf'<script type="text/plain" id="{key}">([^<]*)</script>', text)
    return None if found is None else base64.b64decode(found[1])


def test_cubes_are_inside_byte_for_byte(made, text):
    for name, path in made.cubes.items():
        assert held(text, f"cube-{name}") == path.read_bytes()
    assert gzip.decompress(held(text, "drawing-phase_diagram")).decode() == DRAWING


def test_same_content_same_bytes(made, text, tmp_path):
    assert made.page() == text
    assert small_atlas(tmp_path).page() == text


def test_other_content_other_bytes(text, tmp_path):
    assert small_atlas(tmp_path, seeds=3).page() != text


def test_the_page_is_within_its_budget_and_says_what_is_not_inside(made, text):
    size = len(text.encode())
    largest = max(path.stat().st_size for path in made.cubes.values())
    short = made.page(size - 1)
    assert len(short.encode()) <= size - 1
    inside = told_in(short)["inside"]
    assert len(inside) == 2 and "drawing-phase_diagram" in inside
    assert size - len(short.encode()) < 1.4 * largest + 100
    assert told_in(text)["inside"] == sorted(
        [*(f"cube-{name}" for name in made.cubes), "drawing-phase_diagram"]
    )
    # What is not inside is told all the same.
    assert told_in(short)["experiments"] == told_in(text)["experiments"]


def test_a_budget_below_the_bare_page_is_refused(made):
    with pytest.raises(LayerAtlasError, match=r"without any cube, more than atlas.budget_mb"):
        made.page(1e5)


def test_nothing_in_it_can_end_a_script(made):
    contents = made.contents()
    contents["figures"]["phase_diagram"]["title"] = "</script><script>alert(1)</script><!--"
    text = page(contents, {}, {}, budget=5e6)
    assert "alert(1)</script>" not in text
    assert told_in(text)["figures"]["phase_diagram"]["title"].startswith("</script>")


def test_modules_find_each_other_by_name():
    names = set(modules())
    for path in WEB.glob("*.js"):
        found = re.findall(r'from "([^"]+)"', path.read_text(encoding="utf-8"))
        assert set(found) <= names, path.name
    asked = {
        name
        for path in WEB.glob("*.js")
        for name in re.findall(r'from "([^"]+)"', path.read_text(encoding="utf-8"))
    }
    # Every module but the first is asked for by some other.
    assert names - asked == {"atlas/main"}


def test_a_bundle_of_another_checksum_is_refused(tmp_path):
    web = tmp_path / "web"
    shutil.copytree(WEB, web)
    assert bundle(web).startswith("var zarrita=")
    (web / "vendor/zarrita.js").write_text("var zarrita={}")
    with pytest.raises(LayerAtlasError, match=r"sh bundle/make\.sh"):
        bundle(web)


def test_the_policy_lets_nothing_in(text):
    assert 'http-equiv="Content-Security-Policy"' in text
    assert "default-src 'none'" in page_module._POLICY
    outside = re.findall(r'(?:src|href)="(?!#)([^"]*)"', text.partition("<script")[0])
    assert outside == []


def test_contents_are_one_line_of_json(text):
    assert json.dumps(told_in(text))
