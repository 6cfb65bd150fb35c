"""What a crate holds: the right files with the right bytes, every job, no private facts."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from layeratlas.errors import StoreError
from layeratlas.provenance.crate.export import export_crate
from layeratlas.storage.hashing import file_digest

FIGURE = "results/smoke/figures/phase_diagram_fidelity.pdf"
CUBE = "results/smoke/cubes/phase_diagram_dropout.zarr.zip"
METADATA = "ro-crate-metadata.json"


def graph(crate: Path) -> dict[str, dict]:
    content = json.loads((crate / METADATA).read_text(encoding="utf-8"))
    return {entity["@id"]: entity for entity in content["@graph"]}


def of_type(entities: dict[str, dict], kind: str) -> list[dict]:
    return [e for e in entities.values() if kind in (e["@type"], *e["@type"])]


def names(crate: Path) -> set[str]:
    return {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()}


def ids(value) -> set[str]:
    return {item["@id"] for item in (value if isinstance(value, list) else [value])}


def test_a_figure_brings_its_formats_cubes_claims_and_references(project, tmp_path):
    crate = export_crate(project.root / FIGURE, tmp_path / "crate", project.root)
    assert {n for n in names(crate) if not n.startswith("workflow/")} == {
        METADATA,
        "README.md",
        *(f"results/smoke/figures/phase_diagram_fidelity.{kind}" for kind in ("pdf", "png", "svg")),
        "results/smoke/claims/phase_diagram_fidelity.json",
        "results/smoke/cubes/phase_diagram_data_noise.zarr.zip",
        "results/smoke/cubes/phase_diagram_data_noise.json",
        "results/smoke/cubes/phase_diagram_dropout.zarr.zip",
        "results/smoke/cubes/phase_diagram_dropout.json",
        "data/reference/spring_block_phase_diagram_published.csv",
    }
    assert {"workflow/Snakefile", "workflow/scripts/train.py", "workflow/rules/training.smk"} <= (
        names(crate)
    )
    for name, entity in graph(crate).items():
        if "sha256" in entity and (crate / name).is_file():
            assert file_digest(crate / name) == entity["sha256"]


def test_a_cube_brings_itself_and_describes_its_shards(project, tmp_path):
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root)
    kept = {n for n in names(crate) if n.startswith(("results", "data"))}
    assert kept == {CUBE, CUBE.replace(".zarr.zip", ".json")}
    entities = graph(crate)
    shards = [e for e in of_type(entities, "File") if "/shards/" in e.get("alternateName", "")]
    assert len(shards) == 2
    assert all(len(e["sha256"]) == 64 and e["@id"].startswith("#file-") for e in shards)


def test_every_job_is_an_action_linked_to_the_step_of_its_rule(project, tmp_path):
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    jobs = [e for e in of_type(entities, "CreateAction") if e["@id"] != "#run"]
    rules = [name.split("-")[0] for name in project.records if not name.startswith("show_figure")]
    assert len(jobs) == len(rules)
    steps = {e["name"] for e in of_type(entities, "HowToStep")}
    assert steps == set(rules)
    controls = of_type(entities, "ControlAction")
    assert {c["object"]["@id"] for c in controls} == {job["@id"] for job in jobs}
    for control in controls:
        action = entities[control["object"]["@id"]]
        step = entities[control["instrument"]["@id"]]
        assert action["instrument"] == step["workExample"]
    [engine] = of_type(entities, "OrganizeAction")
    assert engine["result"] == {"@id": "#run"}
    assert ids(engine["object"]) == {c["@id"] for c in controls}


def test_files_chain_from_the_data_set_to_the_figure(project, tmp_path):
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    makers = {
        result: action
        for action in of_type(entities, "CreateAction")
        if action["@id"] != "#run"
        for result in ids(action["result"])
    }
    seen, todo = set(), [FIGURE]
    while todo:
        name = todo.pop()
        seen.add(name)
        if name in makers:
            todo += [o for o in ids(makers[name]["object"]) if o not in seen]
    assert "#data-digits" in seen
    assert len([name for name in seen if name.startswith("#file-")]) == 9  # data, 4 × 2 shards


def test_parameters_seeds_environment_and_code_are_told(project, tmp_path):
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    train = next(e for e in of_type(entities, "CreateAction") if e["name"].startswith("train"))
    objects = [entities[i] for i in ids(train["object"])]
    given = {e["name"]: e["value"] for e in objects if e["@type"] == "PropertyValue"}
    assert given["seeds"] == "[1, 2]"
    assert json.loads(given["plan"])["shared"]["training"]["epochs"] == 30
    around = {entities[i]["name"]: entities[i]["value"] for i in ids(train["environment"])}
    assert around["package numpy"] == "2.4.6"
    assert around["variable OMP_NUM_THREADS"] == "1"
    assert around["commit"] == "c" * 40
    parameters = {p["name"] for p in of_type(entities, "FormalParameter")}
    assert {"plan", "measure", "recipe", "seeds", "preset", "experiments"} <= parameters
    assert "code" not in parameters


def test_the_data_set_keeps_its_licence_and_citation(project, tmp_path):
    entities = graph(export_crate(project.root / CUBE, tmp_path / "crate", project.root))
    assert entities["#data-digits"]["license"].startswith("CC BY 4.0")
    assert "Alpaydin" in entities["#data-digits"]["citation"]
    assert entities["./"]["citation"] == {"@id": "https://doi.org/10.1103/ys4n-2tj3"}
    assert entities["./"]["license"] == {"@id": "https://spdx.org/licenses/MIT"}


def test_the_users_name_is_told_and_the_hosts_is_not(project, tmp_path):
    crate = export_crate(project.root / FIGURE, tmp_path / "crate", project.root)
    assert graph(crate)["#person-ada"]["name"] == "ada"
    assert not any(b"secret-host" in (crate / name).read_bytes() for name in names(crate))


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


def test_a_file_that_is_gone_is_described_and_named(project, tmp_path):
    (project.root / FIGURE.replace(".pdf", ".svg")).unlink()
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    assert "Not enclosed" in entities["./"]["description"]
    assert FIGURE.replace(".pdf", ".svg") in entities["./"]["description"]


def test_a_script_that_changed_is_described_and_not_enclosed(project, tmp_path):
    for name, path in project.records.items():
        if name.startswith("train-"):
            record = json.loads(path.read_text())
            record["code"]["script"] = "0" * 64
            path.write_text(json.dumps(record))
    crate = export_crate(project.root / CUBE, tmp_path / "crate", project.root)
    assert not (crate / "workflow/scripts/train.py").exists()
    assert "changed" in graph(crate)["#tool-train-" + "0" * 16]["description"]


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


def test_a_file_without_record_is_refused(project, tmp_path):
    stranger = tmp_path / "x.csv"
    stranger.write_text("1,2\n")
    with pytest.raises(StoreError, match="no record"):
        export_crate(stranger, tmp_path / "crate", project.root)


def test_claims_alone_are_no_target(project, tmp_path):
    claims = project.root / "results/smoke/claims/phase_diagram_fidelity.json"
    with pytest.raises(StoreError, match="no figure or cube"):
        export_crate(claims, tmp_path / "crate", project.root)


def test_an_unknown_profile_is_refused(project, tmp_path):
    with pytest.raises(StoreError, match="use auto"):
        export_crate(project.root / CUBE, tmp_path / "crate", project.root, profile="best")
