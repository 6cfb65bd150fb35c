"""The crate itself: title, papers and where they lead, profiles, README."""

from __future__ import annotations

import pytest
from made.crates import CUBE, FIGURE, graph, ids

from layeratlas.papers import FIGURES
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.root import address_of


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("A, Title, doi:10.1103/ys4n-2tj3, arXiv:2407.19353", "https://doi.org/10.1103/ys4n-2tj3"),
        ("A, doi: 10.1/x; 2025", "https://doi.org/10.1/x"),
        ("A, Title, arXiv:2311.18718 (NeurIPS)", "https://arxiv.org/abs/2311.18718"),
        ("A, Title, arXiv 2311.18718", "https://arxiv.org/abs/2311.18718"),
    ],
)
def test_a_reference_leads_to_its_doi_or_preprint(reference, address):
    assert address_of(reference) == address


def test_another_reference_has_a_name_of_its_own():
    assert address_of("A letter") == address_of("A letter") != address_of("B letter")
    assert address_of("A letter").startswith("#paper-")


def test_a_figure_has_the_title_of_its_entry_and_a_cube_that_of_its_experiment(project, tmp_path):
    figure = graph(export_crate(project.root / FIGURE, tmp_path / "figure", project.root))["./"]
    entry = FIGURES["phase_diagram_fidelity"]
    assert figure["name"] == entry.title
    assert figure["description"].startswith(entry.caption)
    cube = graph(export_crate(project.root / CUBE, tmp_path / "cube", project.root))["./"]
    assert cube["name"] == "Phase diagram 1"
    assert cube["description"].startswith("A grid. ")


@pytest.mark.parametrize(("profile", "n"), [("process", 1), ("workflow", 3), ("provenance", 4)])
def test_a_profile_names_those_it_holds(project, tmp_path, profile, n):
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root, profile=profile)
    named = ids(graph(crate)["./"]["conformsTo"])
    assert len(named) == n
    assert f"https://w3id.org/ro/wfrun/{profile}/0.5" in named


def test_the_licence_may_be_another(project, tmp_path):
    licence = ("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0")
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root, licence=licence)
    entities = graph(crate)
    assert entities["./"]["license"] == {"@id": licence[0]}
    assert entities[licence[0]]["name"] == licence[1]


def test_the_readme_names_every_file(project, tmp_path):
    crate = export_crate(project.root / FIGURE, tmp_path / "crate", project.root)
    text = (crate / "README.md").read_text()
    assert f"- `{FIGURE}`" in text
    assert f"- `{CUBE}`" in text
    assert "xr.open_datatree" in text
