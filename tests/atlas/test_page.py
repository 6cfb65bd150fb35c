"""One file that holds all: the same content gives the same bytes, within the budget."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
from made.pages import DRAWING, held_in, inside, packed, small_atlas, told_in

from layeratlas.atlas import page as page_module
from layeratlas.atlas.page import WEB, bundle, modules, page
from layeratlas.errors import LayerAtlasError


@pytest.fixture(scope="module")
def text(made):
    return made.page()


def test_cubes_are_inside_byte_for_byte(made, text):
    for name, path in made.cubes.items():
        assert held_in(text, f"cube-{name}") == path.read_bytes()
    assert held_in(text, "drawing-phase_diagram").decode() == DRAWING


def test_same_content_same_bytes(made, text, tmp_path):
    assert made.page() == text
    assert small_atlas(tmp_path).page() == text


def test_other_content_other_bytes(text, tmp_path):
    assert small_atlas(tmp_path, seeds=3).page() != text


def test_the_page_is_within_its_budget_and_says_what_is_not_inside(made, text):
    size = len(text.encode())
    largest = max(len(packed(path.read_bytes())) for path in made.cubes.values())
    short = made.page(size - 1)
    assert len(short.encode()) <= size - 1
    assert len(inside(short)) == 2 and "drawing-phase_diagram" in inside(short)
    assert size - len(short.encode()) < largest + 100
    assert inside(text) == sorted(
        [*(f"cube-{name}" for name in made.cubes), "drawing-phase_diagram"]
    )
    # What is not inside is told all the same.
    assert told_in(short) == told_in(text)


def test_drawings_come_first_and_what_is_large_last(made, tmp_path, monkeypatch):
    """Of two figures, the second drawing comes before the first cube; one that would fill the page
    alone comes after all cubes."""
    monkeypatch.setattr(page_module, "LARGE", 0.1)
    told = {**made.contents()}
    (figure,) = told["figures"].values()
    told["figures"] = dict.fromkeys(("first", "large", "last"), figure)
    drawings = {}
    for name, size in (("first", 10_000), ("large", 200_000), ("last", 10_000)):
        drawings[name] = tmp_path / f"{name}.svg"
        drawings[name].write_bytes(np.random.default_rng(size).bytes(size))

    def held(budget: float) -> set[str]:
        return set(inside(page(told, made.cubes, drawings, budget=budget)))

    bare = len(page(told, {}, {}, budget=5e6).encode())
    small = {"drawing-first", "drawing-last"}
    cubes = {f"cube-{name}" for name in made.cubes}
    assert held(bare + 40_000) & {*small, "drawing-large"} == small
    assert held(bare + 250_000) == small | cubes
    assert held(5e6) == small | cubes | {"drawing-large"}


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
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    allowed = {name: set(of) for name, *of in map(str.split, policy.split(";"))}
    assert allowed["default-src"] == {"'none'"}
    scripts = allowed.pop("script-src")
    # Of scripts three by their hashes, and modules as data; nothing may be evaluated.
    assert len(scripts) == 4 and "data:" in scripts
    assert all(re.fullmatch(r"'sha256-[\w+/]{43}='", one) for one in scripts - {"data:"})
    assert set(allowed) == {
        "default-src", "style-src", "img-src", "connect-src", "base-uri", "form-action"
    }  # fmt: skip
    assert allowed["connect-src"] == {"https:", "http:"} and allowed["img-src"] == {"data:"}
    outside = re.findall(r'(?:src|href)="(?!#)([^"]*)"', text.partition("<script")[0])
    assert outside == []


def test_contents_are_one_line_of_json(text):
    assert json.dumps(told_in(text))
