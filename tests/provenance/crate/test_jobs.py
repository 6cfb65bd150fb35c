"""Jobs as actions: parameters, environment, data source, tool; no private facts."""

from __future__ import annotations

import json

from made.crates import CUBE, FIGURE, graph, ids, names, of_type

from layeratlas.bounded.seals import sealed
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.history import trace
from layeratlas.provenance.record.writing import record_bytes
from layeratlas.workflow.acceptances import Acceptance, AcceptedJob, write_acceptance


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


def test_neither_the_name_of_an_account_nor_that_of_a_host_is_told(project, tmp_path):
    crate = export_crate(project.root / FIGURE, tmp_path / "crate", project.root)
    assert not any(b"secret-host" in (crate / name).read_bytes() for name in names(crate))
    assert not [e for e in of_type(graph(crate), "Person") if e["name"] == "ada"]


def test_a_script_that_changed_is_described_by_that_which_ran(project, tmp_path):
    for name, path in project.records.items():
        if name.startswith("train-"):
            record = json.loads(path.read_text())
            record["code"]["script"] = "0" * 64
            path.write_bytes(record_bytes(sealed(record)))
    entities = graph(export_crate(project.root / CUBE, tmp_path / "crate", project.root))
    tool = entities["#tool-train-" + "0" * 16]
    assert "changed" in tool["description"] and tool["sha256"] == "0" * 64
    assert "scripts/measure.py" in {action["instrument"]["@id"]
                                    for action in of_type(entities, "CreateAction")}  # fmt: skip


def altered(project, code: dict, machine: dict) -> None:
    """Write every record anew with another state of code and machine."""
    for path in project.records.values():
        document = json.loads(path.read_text())
        document.pop("seal", None)
        document["code"] |= code
        document["machine"] |= machine
        path.write_text(json.dumps(document))


def of_the_package(entities: dict[str, dict]) -> str:
    """What is said of the package that the jobs imported."""
    (package,) = (e for e in entities.values() if e.get("name") == "layeratlas")
    return package["description"]


def test_what_could_not_be_read_is_no_claim(project, tmp_path):
    """Neither "outside version control", nor a machine without a card."""
    why = {"commit": "git took longer than 5 s"}
    altered(
        project,
        {"commit": None, "dirty": None, "unread": why},
        {"unread": {"gpu": "nvidia-smi took longer than 2 s"}},
    )
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    told = of_the_package(entities)
    assert "its commit could not be read: git took longer than 5 s" in told
    assert "outside version control" not in told
    train = next(e for e in of_type(entities, "CreateAction") if e["name"].startswith("train"))
    around = {entities[i]["name"]: entities[i]["value"] for i in ids(train["environment"])}
    assert around["could not be read: gpu"] == "nvidia-smi took longer than 2 s"
    assert "a graphics card that could not be asked" in train["description"]


def test_only_a_record_that_looked_says_outside_version_control(project, tmp_path):
    """Earlier records took every silence of git for none."""
    altered(project, {"commit": None, "dirty": None, "unread": {}}, {})
    told = of_the_package(graph(export_crate(CUBE, tmp_path / "a", project.root)))
    assert "outside version control" in told
    for path in project.records.values():
        document = json.loads(path.read_text())
        del document["code"]["unread"]
        path.write_text(json.dumps(document))
    told = of_the_package(graph(export_crate(CUBE, tmp_path / "b", project.root)))
    assert "outside version control" not in told
    assert "no commit on record" in told


def test_what_was_accepted_since_is_told_without_the_host(project, tmp_path):
    history = trace(project.root / FIGURE, project.root)
    job = next(job for job in history.jobs if job.activity.rule == "train")
    accepted = AcceptedJob("train", job.activity.wildcards, job.id, "code",
                           {"code": ("a" * 16, "b" * 16)}, "f" * 64)  # fmt: skip
    given = Acceptance("20310517T080000Z-abcd", "2031-05-17T08:00:00+00:00", "ada on node7",
                       "a comment", "x", (accepted,))  # fmt: skip
    write_acceptance(project.root / "results" / job.activity.preset / "accepted", given)
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    described = [entity["description"] for entity in of_type(entities, "CreateAction")]
    told = [text for text in described if "accepted" in text]
    sentence = "accepted 2031-05-17 08:00 by ada (code aaaaaaaaaaaa → bbbbbbbbbbbb): a comment."
    assert [text.partition("Its result was ")[2] for text in told] == [sentence]
    assert entities[f"#job-{job.id}"]["description"] == told[0] and "node7" not in told[0]
