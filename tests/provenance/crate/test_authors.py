"""Who answers for a crate: people who are named, never accounts."""

from __future__ import annotations

import subprocess
import warnings

import pytest
from made.crates import CUBE, graph, ids, names, of_type

from layeratlas.config.people import Author
from layeratlas.errors import ConfigError
from layeratlas.provenance.crate import authors as module
from layeratlas.provenance.crate.authors import authors
from layeratlas.provenance.crate.export import export_crate

ADA = "Ada Lovelace; 0000-0002-1825-0097; University of London"
ORCID = "https://orcid.org/0000-0002-1825-0097"
CITED = """
cff-version: 1.2.0
authors:
  - {family-names: Noether, given-names: Emmy, affiliation: Göttingen}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository of somebody whose name git knows."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    folder = tmp_path / "named"
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    call(folder, "Grace Hopper")
    return folder


def call(folder, name: str) -> None:
    subprocess.run(["git", "-C", str(folder), "config", "user.name", name], check=True)


def test_whom_the_export_names_counts_then_the_citation_then_git(folder):
    assert authors([], folder) == (Author("Grace Hopper"),)
    (folder / "CITATION.cff").write_text("authors: [{name: The authors}]\n")
    # A group answers for nothing where a person is known.
    assert authors([], folder) == (Author("Grace Hopper"),)
    (folder / "CITATION.cff").write_text(CITED)
    assert authors([], folder) == (Author("Emmy Noether", None, "Göttingen"),)
    found = authors([ADA, "Charles Babbage"], folder)
    assert found == (Author("Ada Lovelace", ORCID, "University of London"),
                     Author("Charles Babbage"))  # fmt: skip


@pytest.mark.parametrize("name", ["root", "Ubuntu", "runner", "x" * 201])
def test_an_account_is_nobody(folder, name):
    call(folder, name)
    assert authors([], folder) == ()


def test_the_account_of_this_machine_is_nobody_whatever_its_name(folder, monkeypatch):
    monkeypatch.setattr(module, "user", lambda: "Grace Hopper")
    assert authors([], folder) == ()


def test_a_wrong_author_stops_the_export(project, tmp_path):
    with pytest.raises(ConfigError, match=r"author: .*last digit does not fit"):
        export_crate(CUBE, tmp_path / "crate", project.root, authors=["Ada; 0000-0002-1825-0098"])
    assert not (tmp_path / "crate").exists()


def test_a_crate_has_its_authors_with_orcid_and_affiliation(project, tmp_path):
    crate = export_crate(CUBE, tmp_path / "crate", project.root, authors=[ADA])
    entities = graph(crate)
    (person,) = of_type(entities, "Person")
    assert entities["./"]["author"] == {"@id": ORCID} == {"@id": person["@id"]}
    assert person["name"] == "Ada Lovelace"
    assert entities[person["affiliation"]["@id"]]["name"] == "University of London"
    assert ids(entities["#run"]["agent"]) == {ORCID}


def test_where_nobody_is_known_it_is_said_and_nobody_is_made_up(project, tmp_path, monkeypatch):
    (project.root / "CITATION.cff").unlink()
    monkeypatch.setattr(module, "_known_to_git", lambda folder: None)
    told: list[str] = []
    crate = export_crate(CUBE, tmp_path / "crate", project.root, tell=told.append)
    assert [line for line in told if "no author is named in the crate" in line]
    entities = graph(crate)
    assert "author" not in entities["./"] and not of_type(entities, "Person")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        named = export_crate(
            CUBE, tmp_path / "named", project.root, authors=[ADA], tell=lambda sentence: None
        )
    assert names(named) == names(crate)
