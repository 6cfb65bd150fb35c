"""The page of claims: everything in it, nothing believed of what claims say."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from layeratlas.claims.claim import with_spread
from layeratlas.claims.page import anchor, page

HOSTILE = "</td></table><script>alert(1)</script><img src=x onerror=alert(1)>&\"'\x00\u202e"


class Parsed(HTMLParser):
    """Elements as they open and close, their attributes, and the text between."""

    VOID = {"meta", "img", "br", "link", "input"}  # noqa: RUF012

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data

    def having(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.tags if name in attributes]


def test_every_claim_is_a_row_that_can_be_linked_to(claimed):
    claims = [claimed(0.25), claimed(0.75, id="2", figure="g", note="far", subject="dropout")]
    found = Parsed(page(claims, "laptop", {"g": "A title"}))
    rows = [tag for tag in found.tags if tag[0] == "tr" and "id" in tag[1]]
    assert [attributes["id"] for _, attributes in rows] == ["f-1", "g-2"]
    for word in ("1 of 2 claims hold, 1 departs", "laptop", "A title", "far", "dropout", "<= 0.5"):
        assert word in found.text
    assert {"#f-1", "#g-2", "./f.pdf", "./g.pdf"} == set(found.having("href"))
    assert page(claims, "laptop") == page(claims, "laptop")


def test_a_tie_and_a_standard_error_are_told(claimed):
    one = with_spread(claimed(0.25, orders=(0.1, 0.9), told="a and b: 0.1 ± 0.2"), 0.0623)
    found = Parsed(page([one, claimed(0.25, id="2")], "laptop"))
    for word in ("1 of 2 claims hold, 1 tie", "0.25 ± 0.062", "a and b: 0.1 ± 0.2"):
        assert word in found.text
    assert found.having("class").count("other") == 1
    assert len(re.findall(r"0\.25 ±", found.text)) == 1


def test_it_asks_nothing_of_anybody(claimed):
    text = page([claimed(0.25)], "smoke")
    found = Parsed(text)
    assert not {tag for tag, _ in found.tags} & {"script", "link", "img", "iframe"}
    assert found.having("src") == [] and "url(" not in text and "@import" not in text
    assert not re.search(r"https?:", text)


@pytest.mark.parametrize(
    "name", ["id", "figure", "subject", "statement", "source", "note", "verdict"]
)
def test_what_a_claim_says_is_text_and_nothing_else(claimed, name):
    claim = replace(claimed(0.25), **{name: HOSTILE})
    text = page([claim], HOSTILE, {HOSTILE: HOSTILE}, [HOSTILE])
    found = Parsed(text)
    assert {tag for tag, _ in found.tags} <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "em", "a", "table",
        "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    allowed = {"lang", "charset", "name", "content", "class", "href", "id", "scope", "data-label"}
    assert {key for _, attributes in found.tags for key in attributes} <= allowed
    assert "<script>alert(1)</script>" in found.text
    assert not {"\x00", "\u202e"} & set(text)
    assert all(link.startswith(("#", "./")) for link in found.having("href"))


def test_ids_are_safe_and_no_two_are_the_same(claimed):
    taken: set[str] = set()
    names = [anchor(claimed(0.1, id=id), taken) for id in ("a b", "a b", "a-b", "ü<é>", "1.5_c")]
    assert names == ["f-a-b", "f-a-b-2", "f-a-b-3", "f--", "f-1.5_c"]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)


def test_a_long_claim_is_there_whole(claimed):
    note = "word " * 20_000
    assert note.strip() in Parsed(page([claimed(0.25, note=note)], "smoke")).text


def test_a_file_that_could_not_be_read_is_named(claimed):
    assert "g.json: edited" in Parsed(page([claimed(0.25)], "smoke", wrong=["g.json: edited"])).text
    assert "No claims." in Parsed(page([], "smoke")).text
