"""Runs of the jobs that make a cube and a figure, in a given version."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.storage import publish
from layeratlas.workflow.frame import job


@pytest.fixture
def run(project, tools):
    """Run the cube's job, or the figure's, in a given version; returns digests."""

    class Run:
        @staticmethod
        def cube(version: int) -> str:
            snakemake = tools.cube_job("a")
            with job(snakemake):
                made = publish(
                    tools.numbers(version), snakemake.output.cube, objects="store/objects"
                )
            return made.digest

        @staticmethod
        def figure(text: str) -> str:
            snakemake = tools.job_object(
                "draw_figure",
                inputs={"cubes": ["results/smoke/cubes/a.zarr.zip"]},
                outputs={"figure": ["figures/f.pdf"]},
            )
            with job(snakemake):
                Path("figures").mkdir(exist_ok=True)
                Path("figures/f.pdf").write_text(text)
            (path,) = [p for p in Path("store/objects").glob("*.pdf") if p.read_text() == text]
            return path.name[:64]

    return Run
