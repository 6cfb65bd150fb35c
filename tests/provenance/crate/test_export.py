"""What a crate holds: the right files with the right bytes, whole or not at all."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from made.crates import CUBE, FIGURE, METADATA, graph, names, of_type

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.export import export_crate
from layeratlas.storage.hashing import file_digest

# What surrounds the results: `test_running.py` says what of it runs.
AROUND = ("Snakefile", "Makefile", "rules/", "scripts/", "src/", "config/", "envs/",
          "pyproject.toml", "LICENSE", "CITATION.cff", "crate.json")  # fmt: skip


def test_a_figure_brings_its_formats_cubes_claims_and_references(project, tmp_path):
    crate = export_crate(project.root / FIGURE, tmp_path / "crate", project.root)
    name = "phase_diagram_fidelity"
    assert {n for n in names(crate) if not n.startswith(AROUND)} == {
        METADATA,
        "README.md",
        *(f"results/smoke/figures/{name}.{kind}" for kind in ("pdf", "png", "svg")),
        *(f"figures/{name}.{kind}" for kind in ("pdf", "png", "svg", "claims.json")),
        f"results/smoke/claims/{name}.json",
        f"results/receipts/show_figure/{name}.json",
        "results/smoke/cubes/phase_diagram_data_noise.zarr.zip",
        "results/smoke/cubes/phase_diagram_data_noise.json",
        "results/smoke/cubes/phase_diagram_dropout.zarr.zip",
        "results/smoke/cubes/phase_diagram_dropout.json",
        # Of the data set, which is not enclosed, what it was: so shards need not be made for it.
        "results/smoke/datasets/abc.json",
        "data/reference/spring_block_phase_diagram_published.csv",
    }
    told = {name: entity["sha256"] for name, entity in graph(crate).items() if "sha256" in entity}
    enclosed = {name: digest for name, digest in told.items() if (crate / name).is_file()}
    assert set(enclosed) == names(crate) - {METADATA}
    assert {name: file_digest(crate / name) for name in enclosed} == enclosed


def test_the_same_records_give_the_same_bytes(project, tmp_path):
    zips = [
        export_crate(project.root / FIGURE, tmp_path / f"{name}.zip", project.root)
        for name in ("a", "b")
    ]
    assert zips[0].read_bytes() == zips[1].read_bytes()
    folder = export_crate(project.root / FIGURE, tmp_path / "crate", project.root)
    with zipfile.ZipFile(zips[0]) as packed:
        assert set(packed.namelist()) == names(folder)
        for name in packed.namelist():
            assert packed.read(name) == (folder / name).read_bytes()


def test_a_moved_figure_is_found_by_its_bytes(project, tmp_path, monkeypatch):
    moved = tmp_path / "elsewhere" / "fig3.pdf"
    moved.parent.mkdir()
    shutil.copy(project.root / FIGURE, moved)
    (project.root / FIGURE).unlink()
    (project.root / "figures" / Path(FIGURE).name).unlink()
    monkeypatch.chdir(project.root)
    crate = export_crate(moved, tmp_path / "crate")
    assert (crate / FIGURE).read_bytes() == moved.read_bytes()


def test_a_cube_that_was_replaced_comes_from_the_object_store(project, tmp_path):
    digest = project.files[CUBE].digest
    (project.root / CUBE).unlink()
    (project.root / CUBE.replace(".zarr.zip", ".json")).unlink()
    crate = export_crate(digest, tmp_path / "crate", project.root)
    assert file_digest(crate / CUBE) == digest


def test_forty_shards_stay_small(make_project, tmp_path):
    project = make_project(20)
    crate = export_crate(project.root / FIGURE, tmp_path / "crate.zip", project.root)
    assert crate.stat().st_size < 1_000_000


def test_auto_takes_what_the_records_allow(project, tmp_path):
    for name, path in project.records.items():
        if name.startswith("train-"):
            path.unlink()
    entities = graph(export_crate(project.root / CUBE, tmp_path / "crate", project.root))
    assert not of_type(entities, "HowToStep")
    assert "#run" in entities
    assert "No record tells" in entities["./"]["description"]
    with pytest.raises(StoreError, match="no record tells who made"):
        export_crate(project.root / CUBE, tmp_path / "other", project.root, profile="provenance")


@pytest.mark.parametrize("kind", ["crate", "crate.zip"])
def test_an_earlier_crate_is_replaced(project, tmp_path, kind):
    first = export_crate(project.root / FIGURE, tmp_path / kind, project.root)
    again = export_crate(project.root / CUBE, tmp_path / kind, project.root)
    assert again == first
    if kind == "crate":
        assert not (again / FIGURE).exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_foreign_folder_is_left_alone(project, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("text")
    with pytest.raises(StoreError, match="no earlier export"):
        export_crate(project.root / FIGURE, tmp_path / "mine", project.root)
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "text"


def test_an_unknown_profile_is_refused(project, tmp_path):
    with pytest.raises(StoreError, match="use auto"):
        export_crate(project.root / CUBE, tmp_path / "crate", project.root, profile="best")
