"""Documents as pages: where links lead, what builders of Markdown need, what is refused."""

from __future__ import annotations

import pytest
from made.documented import DOCUMENTS
from made.project import ROOT

from layeratlas.errors import ConfigError
from layeratlas.site.pages import documents, rewritten, write_documents

KNOWN = {
    "README.md": "index.md",
    "docs/a.md": "a.md",
    "docs/n/b.py": "n/b.md",
    "x/README.md": "x.md",
}


@pytest.mark.parametrize(
    ("document", "page", "address", "leads"),
    [
        ("README.md", "index.md", "docs/a.md#place", "a.md#place"),
        ("docs/a.md", "a.md", "../README.md", "index.md"),
        ("docs/a.md", "a.md", "#place", "#place"),
        ("docs/a.md", "a.md", "n/b.py", "n/b.md"),
        ("docs/n/c.md", "n/c.md", "../a.md", "../a.md"),
        ("docs/n/c.md", "n/c.md", "../../x/README.md", "../x.md"),
        ("README.md", "index.md", "docs/images/p.png", "images/p.png"),
        ("README.md", "index.md", "https://a.b/c.md", "https://a.b/c.md"),
    ],
)
def test_links_lead_from_page_to_page(document, page, address, leads):
    assert rewritten(f"[t]({address})", document, page, KNOWN) == f"[t]({leads})"


def test_what_is_no_page_is_refused():
    with pytest.raises(ConfigError, match=r"docs/a.md: links to src/m.py, which is no page"):
        rewritten("[t](../src/m.py)", "docs/a.md", "a.md", KNOWN)


def test_code_is_left_as_it_is():
    text = "```\n[t](gone.md)\nx:\n- y\n```\n"
    assert rewritten(text, "docs/a.md", "a.md", KNOWN) == text


def test_a_list_stands_apart_from_the_line_before_it():
    text = "as follows:\n- one\n  more\n- two\n\n1. a\n2. b\n"
    made = rewritten(text, "docs/a.md", "a.md", KNOWN)
    assert made == "as follows:\n\n- one\n  more\n- two\n\n1. a\n2. b\n"


def test_every_document_is_a_page_and_no_two_are_the_same(tmp_path):
    known = documents(ROOT)
    assert set(DOCUMENTS) <= known.keys()
    assert len(set(known.values())) == len(known)
    write_documents(ROOT, tmp_path)
    for document, page in known.items():
        assert (tmp_path / page).is_file() != document.endswith(".py")
    assert (tmp_path / "images/phase_diagram.png").is_file()
    assert "MIT License" in (tmp_path / "licence.md").read_text(encoding="utf-8")
