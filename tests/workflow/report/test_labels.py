"""Categories and labels of figures in a report."""

from __future__ import annotations

import pytest
from made.project import ROOT

from layeratlas.papers import FIGURES, PAPERS, TITLES
from layeratlas.words import printable
from layeratlas.workflow.planning import Workflow
from layeratlas.workflow.report.labels import OWN, category, labels, labels_of_claims, labels_of_map
from layeratlas.workflow.report.verdict import NONE, UNJUDGED


@pytest.fixture
def atlas(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Workflow({"preset": "smoke"}, ROOT, checks="asked")


def test_every_figure_of_a_paper_is_under_its_title():
    for paper, names in PAPERS.items():
        assert {category(name) for name in names} == {TITLES[paper]}


def test_a_figure_of_no_paper_is_among_ones_own():
    assert category("mine") == OWN


def test_labels_are_figure_kind_preset_and_verdict(atlas):
    found = {name: labels(atlas, name) for name in FIGURES}
    assert {tuple(one) for one in found.values()} == {("figure", "kind", "preset", "verdict")}
    assert all(one["figure"] == name and one["preset"] == "smoke" for name, one in found.items())
    kinds = {name: found[name]["kind"] for name in found}
    assert kinds["phase_diagram"] == "training"
    assert kinds["two_phase_diagrams"] == "training, simulation"
    assert kinds["bfa_layer"] == "probe"
    assert kinds["schematic"] == "drawing"
    assert found["schematic"]["verdict"] == NONE
    assert found["phase_diagram"]["verdict"] == UNJUDGED


def test_labels_hold_no_wildcards(atlas):
    """Snakemake would look for values of what stands in braces."""
    for name in FIGURES:
        for text in (category(name), *labels(atlas, name).values()):
            assert text == printable(text) and "{" not in text


def test_labels_of_maps_and_of_the_page_of_claims(atlas):
    assert labels_of_map(atlas, "phase_diagram_dropout", "test_accuracy") == {
        "figure": "phase_diagram_dropout, test_accuracy",
        "kind": "training",
        "preset": "smoke",
        "verdict": NONE,
    }
    assert labels_of_claims(atlas, ["results/smoke/claims/a.json"]) == {
        "figure": "all",
        "kind": "claims",
        "preset": "smoke",
        "verdict": UNJUDGED,
    }
