"""The workflow's run: a step a rule, a control a job."""

from __future__ import annotations

import json

from made.crates import CUBE, FIGURE, graph, ids, of_type

from layeratlas.bounded.seals import sealed
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.record.writing import record_bytes


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


def test_the_run_leads_from_what_no_job_made_to_the_result(project, tmp_path):
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    run = entities["#run"]
    assert run["instrument"] == {"@id": "Snakefile"}
    assert FIGURE in ids(run["result"])
    assert "data/reference/spring_block_phase_diagram_published.csv" in ids(run["object"])
    assert "#data-digits" in ids(run["object"])
    jobs = [e for e in of_type(entities, "CreateAction") if e["@id"] != "#run"]
    assert run["startTime"] == min(job["startTime"] for job in jobs)
    assert run["endTime"] == max(job["endTime"] for job in jobs)


def test_the_lock_is_enclosed_if_it_is_the_one_that_was_there(project, tmp_path):
    entities = graph(export_crate(project.root / FIGURE, tmp_path / "crate", project.root))
    build = entities["Snakefile"]["buildInstructions"]
    assert build == {"@id": "envs/requirements.lock"}


def test_the_address_of_the_code_is_told_where_one_is_known(project, tmp_path):
    """CITATION.cff tells that of the code in the crate, git that of the code that a job ran."""
    before = graph(export_crate(project.root / CUBE, tmp_path / "before", project.root))
    assert "codeRepository" not in before["Snakefile"]
    address = "https://example.org/ada/atlas.git"
    with (project.root / "CITATION.cff").open("a") as citation:
        citation.write(f"repository-code: {address}\n")
    for path in project.records.values():
        record = json.loads(path.read_text())
        record["code"]["repository"] = address
        path.write_bytes(record_bytes(sealed(record)))
    after = graph(export_crate(project.root / CUBE, tmp_path / "after", project.root))
    assert after["Snakefile"]["codeRepository"] == address
    [package] = [e for e in after.values() if e.get("name") == "layeratlas"]
    assert package["url"] == address
