"""Which experiments a crate holds: those behind its result, and no others."""

from __future__ import annotations

import json
from pathlib import Path

from made.crates import CUBE, FIGURE

from layeratlas.bounded.seals import sealed
from layeratlas.provenance.crate.experiments import experiment_files, own_data
from layeratlas.provenance.crate.history import trace
from layeratlas.provenance.record.configuration import configuration_hash
from layeratlas.provenance.record.writing import record_bytes

OTHER = """
title: Another
paper: spring_block
dataset: {source: digits, n_train: 64}
model: {depth: 2, width: 8}
training: {epochs: 2}
grid: {dropout: [0, 0.2]}
"""


def files(project, target: str) -> list[str]:
    folder = project.root / "config" / "experiments"
    found = experiment_files(trace(project.root / target, project.root), folder)
    return [path.name for path in found]


def write(project, name: str, text: str) -> None:
    (project.root / "config" / "experiments" / f"{name}.yaml").write_text(text)


def test_an_experiment_comes_with_what_it_extends(project):
    write(project, "another", OTHER)
    assert files(project, CUBE) == ["phase_diagram.yaml", "phase_diagram_dropout.yaml"]
    assert files(project, FIGURE) == [
        "phase_diagram.yaml",
        "phase_diagram_data_noise.yaml",
        "phase_diagram_dropout.yaml",
    ]


def test_with_those_whose_networks_it_measures(project):
    """Also where it neither extends them nor has their jobs in its history."""
    measured = OTHER.replace("Another", "Measured")
    write(project, "measured", measured)
    write(project, "another", OTHER)
    measuring = "measure: {networks: measured, metrics: [data_separation]}\n"
    write(project, "phase_diagram_dropout", measured + measuring)
    assert files(project, CUBE) == ["measured.yaml", "phase_diagram_dropout.yaml"]


def test_of_a_folder_that_cannot_be_read_all_come(project):
    write(project, "another", "grid: [\n")
    assert "another.yaml" in files(project, CUBE)
    assert len(files(project, CUBE)) == 4


def test_data_of_the_users_own_are_named(project):
    assert own_data(trace(project.root / CUBE, project.root)) == ()
    recipe = {"source": "arrays", "path": "mine/train.npz", "test_path": "mine/test.npz"}
    path: Path = project.records["prepare_dataset-abc"]
    document = json.loads(path.read_text())
    settings = {"recipe": recipe}
    document["configuration"] = {"hash": configuration_hash(settings), "value": settings}
    path.write_bytes(record_bytes(sealed(document)))
    history = trace(project.root / CUBE, project.root)
    assert own_data(history) == ("mine/test.npz", "mine/train.npz")
