"""What a crate takes to run where it is unpacked."""

from __future__ import annotations

import json

from made.crates import CUBE, FIGURE, graph, names

from layeratlas.config.reading import read_yaml
from layeratlas.config.workflow import load_workflow_config
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.history import trace
from layeratlas.provenance.crate.running import targets_of
from layeratlas.provenance.record.origin import code_digest, read_origin


def test_a_crate_holds_what_runs_and_its_own_experiments(project, tmp_path):
    (project.root / "config" / "experiments" / "another.yaml").write_text("title: another\n")
    (project.root / "notes.txt").write_text("mine")
    (project.root / "scripts" / ".swp").write_text("mine")
    crate = export_crate(CUBE, tmp_path / "crate", project.root)
    held = names(crate)
    assert {
        *("Snakefile", "Makefile", "pyproject.toml", "LICENSE", "CITATION.cff", "README.md"),
        *("envs/requirements.lock", "envs/setup.sh", "src/layeratlas/metrics/loads.py"),
        *("scripts/train.py", "rules/training.smk", "config/experiments/phase_diagram.yaml"),
    } <= held
    for name in ("rules", "scripts"):
        here = {f"{name}/{path.name}" for path in (project.root / name).glob("[!._]*.*")}
        assert here <= held
    assert not {"config/experiments/another.yaml", "notes.txt", "scripts/.swp"} & held
    assert not [name for name in held if "phase_diagram_data_noise" in name]


def test_its_settings_are_the_preset_of_its_results(project, tmp_path):
    """Where data lie and what answers for crates is of another machine and another person."""
    (project.root / "config" / "config.yaml").write_text("preset: laptop\ndata_dir: /home/ada\n")
    crate = export_crate(CUBE, tmp_path / "crate", project.root)
    settings = read_yaml(crate / "config" / "config.yaml")
    assert settings == {"preset": "smoke"}
    assert load_workflow_config(settings, "config.yaml").preset == "smoke"


def test_it_says_which_code_it_holds_and_what_is_made_of_it(project, tmp_path):
    crate = export_crate(FIGURE, tmp_path / "crate", project.root)
    origin = read_origin(crate)
    assert origin is not None
    assert origin.code == code_digest(crate, crate / "src" / "layeratlas")
    assert origin.targets == ("figures/phase_diagram_fidelity.pdf",)
    assert "make figures/phase_diagram_fidelity.pdf" in (crate / "README.md").read_text()


def test_the_smallest_profile_holds_no_workflow(project, tmp_path):
    crate = export_crate(CUBE, tmp_path / "crate", project.root, profile="process")
    assert not {name for name in names(crate) if name.startswith(("src/", "rules/", "Snakefile"))}
    assert "make" not in (crate / "README.md").read_text().split("## What is in it")[0].split("\n")


def test_targets_are_what_snakemake_makes(project):
    assert targets_of(trace(CUBE, project.root)) == (CUBE,)
    history = trace(FIGURE, project.root)
    assert targets_of(history) == ("figures/phase_diagram_fidelity.pdf",)


def test_no_path_of_this_machine_is_told(project, tmp_path):
    crate = export_crate(FIGURE, tmp_path / "crate", project.root)
    told = json.dumps(graph(crate)) + "".join(
        (crate / name).read_text() for name in ("README.md", "crate.json", "config/config.yaml")
    )
    assert str(tmp_path) not in told
