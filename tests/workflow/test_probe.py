"""A probe experiment through the real Snakemake: a new file, a grown grid, its map and lineage."""

from __future__ import annotations

from collections import Counter

import pytest
from made.documents import as_yaml
from made.project import Project

from layeratlas import open_cube
from layeratlas.papers.feature_speed.reductions import branch_scales, depths

PROBE = {
    "title": "A tiny probe",
    "kind": "probe",
    "model": {"family": "residual_mlp", "width": 8},
    "grid": {"branch_rule": ["1/L", "1"], "depth": [4, 6]},
    "seeds": 2,
}
CUBE = "results/smoke/cubes/step.zarr.zip"
MAP = "figures/maps/step/backward_feature_angle.pdf"


def write(project, **changes):
    text = as_yaml({**PROBE, **changes})
    (project.folder / "config/experiments/step.yaml").write_text(text)


@pytest.fixture(scope="module")
def probed_once(tmp_path_factory, compiled):
    """A clone in which cube and map of a probe are finished; to be copied."""
    project = Project.fresh(tmp_path_factory.mktemp("probed") / "project")
    write(project)
    project.make(MAP)
    return project


@pytest.fixture
def probed(probed_once, tmp_path):
    return probed_once.copy(tmp_path / "project")


def test_a_new_file_gives_a_cube_and_a_map_and_grows(probed):
    project = probed
    with open_cube(project.folder / CUBE) as cube:
        assert dict(cube.sizes) == {"branch_rule": 2, "depth": 2, "seed": 2}
        assert (cube["status"] == 0).all()
        before = cube["velocities"].to_dataset().load()
        assert list(depths(cube).sel(branch_rule="1").values) == [4, 6]
        assert branch_scales(cube).sel(branch_rule="1/L", depth=4) == 0.25
    assert "Nothing to be done" in project.make(MAP)
    write(project, grid={"branch_rule": ["1/sqrt(L)", "1", "1/L"], "depth": [6, 4]})
    assert project.planned(MAP) == Counter(probe=1, assemble_cube=1, draw_map=1)
    project.make(CUBE)
    with open_cube(project.folder / CUBE) as cube:
        after = cube["velocities"].to_dataset().load()
    for name, values in before.data_vars.items():
        grown = after[name].sel(branch_rule=["1/L", "1"], depth=[4, 6])
        assert (grown.fillna(-1).values == values.fillna(-1).values).all(), name


def test_editing_the_probe_probes_again(probed):
    project = probed
    project.edit("chains/integrators.py", "\n\ndef unused():\n    return 0\n")
    assert not project.planned(CUBE)
    project.edit("probes/passes.py", "\n\ndef unused():\n    return 0\n")
    assert project.planned(CUBE) == Counter(probe=1, assemble_cube=1)


def test_what_a_probe_does_not_record_is_refused_with_what_it_does(probed_once):
    done = probed_once.snakemake("figures/maps/step/data_separation.pdf", dry=True)
    assert done.returncode != 0
    assert "does not record 'data_separation'" in done.stdout + done.stderr
    assert "It records: feature_norm, backward_norm, contribution, " in done.stdout + done.stderr
