"""Names, ORCID iDs and affiliations, as settings and CITATION.cff give them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.config.people import (
    Author,
    author_of,
    authors_in,
    is_account,
    orcid_address,
    repository_in,
)
from layeratlas.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
# The two that ORCID's own page of the check digit gives.
ORCID, WITH_X = "0000-0002-1825-0097", "0000-0002-1694-233X"


def digits(number: int) -> str:
    """An iD of fifteen digits with its check, by ISO/IEC 7064 as written there: powers of two."""
    text = f"{number:015}"
    total = sum(int(digit) * 2 ** (15 - place) for place, digit in enumerate(text))
    check = (1 - total) % 11
    return text + ("X" if check == 10 else str(check))


@pytest.mark.parametrize("form", ["{}", "https://orcid.org/{}", "http://www.orcid.org/{}/"])
def test_an_orcid_is_an_address_however_it_is_written(form):
    for orcid in (ORCID, WITH_X):
        for written in (orcid, orcid.replace("-", ""), orcid.lower()):
            assert orcid_address(form.format(written)) == f"https://orcid.org/{orcid}"


@given(st.integers(0, 10**15 - 1), st.integers(0, 15), st.integers(1, 9))
def test_every_wrong_digit_is_seen(number, place, shift):
    right = digits(number)
    assert orcid_address(right).endswith(right[-4:])
    # X stands for ten, at the end alone.
    other = (10 if right[place] == "X" else int(right[place])) + shift
    wrong = str(other % (11 if place == 15 else 10)).replace("10", "X")
    with pytest.raises(ValueError, match="last digit does not fit"):
        orcid_address(right[:place] + wrong + right[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "0000", f"{ORCID}1", "0000-0002-18250097", "X000-0002-1825-0097", f"http://x/{ORCID}"],
)
def test_what_is_no_orcid_is_told_what_one_looks_like(text):
    with pytest.raises(ValueError, match=r"one looks like https://orcid\.org/0000-0002-1825-0097"):
        orcid_address(text)


def test_an_author_in_one_line():
    address = f"https://orcid.org/{ORCID}"
    assert author_of("Ada Lovelace") == Author("Ada Lovelace")
    assert author_of(f"Ada; {ORCID}; U of London") == Author("Ada", address, "U of London")
    assert author_of(f" Ada ;U of London;{address};") == Author("Ada", address, "U of London")
    assert author_of("Ada; U of London") == Author("Ada", None, "U of London")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected a name, as 'Ada Lovelace'"),
        (f"; {ORCID}", "expected a name"),
        ("root", "'root' is the name of an account; give that of a person"),
        ("Ada; 0000-0002-1825-0098", "last digit does not fit"),
        ("Ada; London; Paris", "'Paris' is neither of them"),
        (f"Ada; {ORCID}; {WITH_X}; Paris", "'Paris' is neither of them"),
        ("a\nb", "expected a name"),
        ("a" * 201, "expected a name"),
    ],
)
def test_a_wrong_author_is_told_what_is_wrong(text, problem):
    with pytest.raises(ValueError, match=problem):
        author_of(text)


def test_accounts_are_not_people():
    assert all(is_account(name) for name in ("root", "Ubuntu", " jovyan "))
    assert not any(is_account(name) for name in ("Ada", "Root Beer", "Tess"))


# --- CITATION.cff -----------------------------------------------------------------------------
@pytest.fixture
def cited(tmp_path):
    def write(authors: str, more: str = "") -> Path:
        path = tmp_path / "CITATION.cff"
        path.write_text(f"cff-version: 1.2.0\n{more}authors:\n{authors}")
        return path

    return write


def test_authors_of_a_citation(cited):
    path = cited(
        "  - family-names: Waals\n    given-names: Johannes\n    name-particle: van der\n"
        f"    orcid: https://orcid.org/{ORCID}\n    affiliation: Amsterdam\n"
        "  - name: The Layer Atlas authors\n"
        "  - alias: ada\n"
    )
    assert authors_in(path) == (
        Author("Johannes van der Waals", f"https://orcid.org/{ORCID}", "Amsterdam"),
        Author("The Layer Atlas authors", is_person=False),
        Author("ada"),
    )


def test_where_nobody_is_cited_there_is_nobody(tmp_path):
    assert authors_in(tmp_path / "CITATION.cff") == ()
    (tmp_path / "CITATION.cff").write_text("title: x\n")
    assert authors_in(tmp_path / "CITATION.cff") == ()


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("Ada", r"authors\[0\]: expected family-names and given-names, or name"),
        ("{name: 3}", r"authors\[0\]: name: expected text, got 3"),
        ("{affiliation: x}", r"authors\[0\]: expected a name"),
        ("{alias: root}", r"authors\[0\]: 'root' is the name of an account"),
        ("{name: Ada, orcid: 0000-0002-1825-0098}", r"authors\[0\]: .*does not fit"),
    ],
)
def test_a_wrong_citation_is_told_where(cited, entry, problem):
    with pytest.raises(ConfigError, match=rf"CITATION\.cff: {problem}"):
        authors_in(cited(f"  - {entry}\n"))


def test_the_address_of_the_code(cited, tmp_path):
    address = "https://example.org/atlas"
    assert repository_in(cited("  - name: a\n", f"repository-code: {address}\n")) == address
    assert repository_in(cited("  - name: a\n", f"url: {address}\n")) == address
    assert repository_in(cited("  - name: a\n", "url: file:///home/ada\n")) is None
    assert repository_in(tmp_path / "none.cff") is None


def test_the_projects_own_citation_can_be_read():
    assert authors_in(ROOT / "CITATION.cff")
