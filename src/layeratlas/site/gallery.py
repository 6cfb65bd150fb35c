"""The gallery: the figures of a preset that the pipeline has made, each with its own lineage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from layeratlas.claims.counting import summary
from layeratlas.claims.files import read_claims
from layeratlas.papers import FIGURES, PAPERS, REFERENCES, paper_of
from layeratlas.workflow.report.labels import category

__all__ = ["FOLDER", "gallery"]

FOLDER = "gallery"


def gallery(project: Path, preset: str, into: Path) -> str:
    """The page as Markdown; its pictures are copied to `into/gallery/`.

    Figures stand by paper, as they are drawn at this preset in the folder `project`, with their
    captions, how many claims hold, and the commit of the job that drew them.
    """
    drawn = project / "results" / preset / "figures"
    made = [name for name in FIGURES if (drawn / f"{name}.png").is_file()]
    parts = [
        "# Gallery",
        f"Made by the pipeline at preset `{preset}`: {len(made)} of {len(FIGURES)} figures. The "
        "rest are made by their names, as [the first page](index.md) lists them.",
    ]
    (into / FOLDER).mkdir(parents=True, exist_ok=True)
    for paper in (*PAPERS, None):
        mine = [name for name in made if paper_of(name) == paper]
        if mine:
            parts.append(f"## {category(mine[0])}")
            parts += [] if paper is None else [f"{REFERENCES[paper]}."]
        for name in mine:
            shutil.copyfile(drawn / f"{name}.png", into / FOLDER / f"{name}.png")
            parts += _figure(name, project, preset)
    return "\n\n".join(parts) + "\n"


def _figure(name: str, project: Path, preset: str) -> Iterator[str]:
    entry = FIGURES[name]
    yield f"### {entry.title or name}"
    yield f"![{entry.title or name}]({FOLDER}/{name}.png)"
    yield _plain(entry.caption)
    judged = project / "results" / preset / "claims" / f"{name}.json"
    told = summary(read_claims(judged).claims) if entry.claims and judged.is_file() else ""
    verdicts = f"{told[0].upper()}{told[1:]}. " if told else ""
    yield f"{verdicts}`figures/{name}.pdf`, {_origin(name, project, preset)}."


def _origin(name: str, project: Path, preset: str) -> str:
    """The commit that the drawing job ran, as its record has it."""
    from layeratlas.provenance.ask.lineage import lineage

    row = lineage(project / "results" / preset / "figures" / f"{name}.png", project).iloc[0]
    commit = row["commit"]
    if not isinstance(commit, str) or not commit:
        return "drawn from code that is in no commit"
    changes = " with uncommitted changes" if row["dirty"] else ""
    return f"drawn from commit `{commit[:12]}`{changes}"


def _plain(caption: str) -> str:
    """Words of a caption, of which none is markup."""
    for sign in ("\\", "*", "_", "`", "<"):
        caption = caption.replace(sign, f"\\{sign}")
    return caption
