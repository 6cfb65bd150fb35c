"""The workflow on a real SLURM, by profiles/slurm."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slurm

# Jobs of a test are over in seconds; the profile's 40 between queries are for those of minutes.
HASTY = (
    "--workflow-profile", "profiles/slurm",
    "--slurm-init-seconds-before-status-checks", "3", "--seconds-between-status-checks", "3",
    "--latency-wait", "20", "--max-jobs-per-timespan", "20/1s",
)  # fmt: skip


def hashes(project, preset: str = "smoke") -> dict[str, str]:
    """Cube → content hash."""
    folder = project.folder / "results" / preset / "cubes"
    return {p.stem: json.loads(p.read_text())["content_hash"] for p in folder.glob("*.json")}


def test_the_smoke_phase_diagram_is_that_of_a_laptop(slurm, with_experiments, tmp_path):
    """Through the profile as it stands: content hashes of all cubes are the local run's."""
    here, there = (with_experiments(tmp_path / name) for name in ("here", "there"))
    there.make("figures/phase_diagram.pdf", options=HASTY)
    here.make("figures/phase_diagram.pdf", verbose=False)
    assert len(hashes(here)) == 4
    assert hashes(there) == hashes(here)
    schedulers = [record["machine"]["scheduler"] or {} for record in there.records()]
    # Only what shows the figure runs where the controller does.
    assert sorted(told.get("system", "none") for told in schedulers) == ["none"] + 17 * ["slurm"]
    assert not there.planned("figures/phase_diagram.pdf")
