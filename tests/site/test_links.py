"""Addresses that lead nowhere, and what is loaded from elsewhere, are found."""

from __future__ import annotations

import pytest

from layeratlas.site.links import broken, outside


@pytest.fixture
def site(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/page.html").write_text('<h1 id="top">t</h1><a href="../index.html#a b">i</a>')
    (tmp_path / "style.css").write_text("")
    (tmp_path / "404.html").write_text('<link rel="stylesheet" href="/style.css">')
    (tmp_path / "index.html").write_text(
        '<link rel="stylesheet" href="style.css"><link rel="canonical" href="https://a.b/">'
        '<h2 id="a b">a</h2><a href="sub/page.html#top">p</a><a href="https://a.b/c">out</a>'
        '<a href="#a%20b">here</a><img src="data:image/png;base64,AA==">'
        '<a href="mailto:a@b.c">m</a>'
    )
    return tmp_path


def add(site, text: str) -> None:
    path = site / "index.html"
    path.write_text(path.read_text() + text)


def test_what_is_right_is_not_told(site):
    assert broken(site) == [] and outside(site) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<a href="gone.html">x</a>', "index.html: gone.html leads to no file"),
        ('<a href="sub/page.html#gone">x</a>', "sub/page.html#gone: there is no such place"),
        ('<a href="#gone">x</a>', "index.html: #gone: there is no such place"),
        ('<img src="gone.png">', "index.html: gone.png leads to no file"),
        ('<img srcset="style.css 1x, gone.png 2x">', "index.html: gone.png leads to no file"),
        ('<script src="gone.js"></script>', "index.html: gone.js leads to no file"),
        ('<a href="sub">x</a>', "index.html: sub leads to no file"),
    ],
)
def test_what_leads_nowhere_is_told(site, text, told):
    add(site, text)
    (sentence,) = broken(site)
    assert sentence.endswith(told)
    assert outside(site) == []


@pytest.mark.parametrize(
    "text",
    [
        '<img src="https://a.b/c.png">',
        '<script src="//a.b/c.js"></script>',
        '<link rel="stylesheet" href="https://a.b/c.css">',
        '<link rel="preconnect" href="https://a.b">',
        '<iframe src="http://a.b"></iframe>',
        '<object data="https://a.b/c"></object>',
    ],
)
def test_what_is_loaded_from_elsewhere_is_told(site, text):
    add(site, text)
    (sentence,) = outside(site)
    assert sentence.startswith("index.html: loads ") and "a.b" in sentence
