"""The workflow on a real SLURM, by profiles/slurm."""

from __future__ import annotations

import pytest
from made.slurm import HASTY, hashes

pytestmark = pytest.mark.slurm


def test_the_smoke_phase_diagram_is_that_of_a_laptop(slurm, with_experiments, tmp_path):
    """Through the profile as it stands: content hashes of all cubes are the local run's."""
    here, there = (with_experiments(tmp_path / name) for name in ("here", "there"))
    there.make("figures/phase_diagram.pdf", options=HASTY)
    here.make("figures/phase_diagram.pdf", verbose=False)
    assert len(hashes(here)) == 4
    assert hashes(there) == hashes(here)
    schedulers = [record["machine"]["scheduler"] or {} for record in there.records()]
    # Only what shows the figure runs where the controller does.
    systems = sorted(told.get("system", "none") for told in schedulers)
    assert len(systems) > 10 and systems == ["none"] + ["slurm"] * (len(systems) - 1)
    assert not there.planned("figures/phase_diagram.pdf")
