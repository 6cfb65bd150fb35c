"""The gallery: figures that were made, their captions, verdicts and commits."""

from __future__ import annotations

from made.clones import git

from layeratlas.claims.counting import summary
from layeratlas.claims.files import read_claims
from layeratlas.papers import FIGURES, REFERENCES
from layeratlas.site.gallery import gallery

NAME = "phase_diagram"


def test_a_figure_stands_with_caption_verdict_and_commit(first_figure, tmp_path):
    project = first_figure.folder
    text = gallery(project, "smoke", tmp_path)
    entry = FIGURES[NAME]
    assert f"1 of {len(FIGURES)} figures" in text
    assert f"### {entry.title}\n\n![{entry.title}](gallery/{NAME}.png)\n\n{entry.caption}" in text
    assert REFERENCES["spring_block"] in text and REFERENCES["nfa"] not in text
    told = summary(read_claims(project / f"results/smoke/claims/{NAME}.json").claims)
    commit = git(project, "rev-parse", "HEAD")[:12]
    assert f"{told[1:]}. `figures/{NAME}.pdf`, drawn from commit `{commit}`." in text
    drawn = (project / f"results/smoke/figures/{NAME}.png").read_bytes()
    assert (tmp_path / f"gallery/{NAME}.png").read_bytes() == drawn


def test_of_a_preset_without_figures_it_says_so(first_figure, tmp_path):
    text = gallery(first_figure.folder, "laptop", tmp_path)
    assert f"0 of {len(FIGURES)} figures" in text and "###" not in text
