"""The table of jobs: what each asks, whose results it builds on, and what code counts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from layeratlas.errors import ConfigError
from layeratlas.metrics.registry import METRICS
from layeratlas.papers import FIGURES
from layeratlas.runs.run import canonical_json
from layeratlas.workflow import fingerprints
from layeratlas.workflow.jobs import JOBS, NotAskedError, code_of, param_of
from layeratlas.workflow.planning import Workflow

CHECKOUT = Path(__file__).resolve().parents[2]


REDUCED = """
title: Reduced
kind: reduction
reduction: {function: difference, of: [sharpness, spring_phase_diagram]}
"""


@pytest.fixture(scope="module")
def workflow(tmp_path_factory) -> Workflow:
    folder = tmp_path_factory.mktemp("config") / "experiments"
    shutil.copytree(CHECKOUT / "config" / "experiments", folder)
    (folder / "reduced.yaml").write_text(REDUCED)
    return Workflow({"preset": "smoke"}, CHECKOUT, folder)


def asked_for(workflow: Workflow) -> dict[str, dict[str, str]]:
    """One job of every rule."""
    plan = workflow.shards("phase_diagram_dropout")[0]
    found = {
        "prepare_dataset": {"key": workflow.dataset_key(plan)},
        "fit_springs": {"experiment": workflow.of_stage("fit_springs")[0]},
        "reduce_cubes": {"experiment": "reduced"},
        "assemble_points": {"experiment": "spring_boundary"},
        "draw_boundary": {"experiment": "spring_boundary"},
        "draw_map": {"experiment": "phase_diagram_dropout", "metric": "test_accuracy"},
        "export_netcdf": {"experiment": "phase_diagram_dropout", "group": "layers"},
        "animate_figure": {"figure": workflow.animated()[0]},
        "write_table": {"figure": workflow.tabulated()[0]},
        "write_claims": {},
        "write_atlas": {},
    }
    found["export_map_crate"] = found["draw_map"]
    for rule in ("train", "measure"):
        found[rule] = {"experiment": "phase_diagram_dropout", "key": plan.key}
    for rule in ("simulate", "probe"):
        experiment = workflow.of_stage(rule)[0]
        found[rule] = {"experiment": experiment, "key": workflow.shards(experiment)[0].key}
    for rule in ("assemble_cube", "unpack_cube"):
        found[rule] = {"experiment": "phase_diagram_dropout"}
    for rule in ("draw_figure", "check_claims", "show_figure", "export_crate"):
        found[rule] = {"figure": "phase_diagram"}
    return found


def test_every_job_says_all_it_asks_as_plain_values(workflow):
    jobs = asked_for(workflow)
    assert set(jobs) == set(JOBS)
    for rule, at in jobs.items():
        params = {name: param_of(workflow, rule, name, at) for name in JOBS[rule].names}
        assert len(params["code"]) == 16
        canonical_json(params)


def test_jobs_build_on_jobs_of_the_table_and_end_at_data(workflow):
    def ancestors(rule: str, at: dict[str, str], below: tuple[str, ...]) -> set[str]:
        assert rule not in below, f"{rule} builds on itself"
        found = {rule}
        for other, where in JOBS[rule].upstream(workflow, at):
            found |= ancestors(other, where, (*below, rule))
        return found

    jobs = asked_for(workflow)
    chain = {"prepare_dataset", "train", "measure", "assemble_cube"}
    assert ancestors("show_figure", jobs["show_figure"], ()) == chain | {
        "draw_figure", "check_claims", "show_figure",
    }  # fmt: skip
    fit = ancestors("fit_springs", jobs["fit_springs"], ())
    assert fit == chain | {"simulate", "fit_springs"}
    reduced = ancestors("reduce_cubes", jobs["reduce_cubes"], ())
    assert reduced == chain | {"simulate", "reduce_cubes"}
    drawn = ancestors("draw_boundary", jobs["draw_boundary"], ())
    assert drawn == {"simulate", "assemble_points", "draw_boundary"}
    figure = next(
        name for name, entry in FIGURES.items() if "spring_fit_dropout" in entry.experiments
    )
    assert "fit_springs" in ancestors("draw_figure", {"figure": figure}, ())
    assert ancestors("probe", jobs["probe"], ()) == {"probe"}


@pytest.mark.parametrize(
    ("rule", "name", "at", "told"),
    [
        ("prepare_dataset", "recipe", {"key": "0" * 16}, "preset smoke asks for data set 0000"),
        (
            "train",
            "plan",
            {"experiment": "phase_diagram_dropout", "key": "0" * 16},
            "no run of shard 0000000000000000 is in its present grid",
        ),
        (
            "assemble_points",
            "quantity",
            {"experiment": "phase_diagram_dropout"},
            "experiment 'phase_diagram_dropout' is not refined any more",
        ),
        ("assemble_cube", "plan", {"experiment": "gone"}, "no experiment 'gone' any more"),
        ("draw_figure", "experiments", {"figure": "gone"}, "no figure 'gone' any more"),
    ],
)
def test_what_nobody_asks_for_is_told(workflow, rule, name, at, told):
    with pytest.raises(NotAskedError, match=told) as caught:
        param_of(workflow, rule, name, at)
    assert isinstance(caught.value, ConfigError)


def test_presets_share_what_they_show_and_nothing_else():
    shared = {rule for rule, job in JOBS.items() if job.shared}
    text = "".join(path.read_text() for path in (CHECKOUT / "rules").glob("*.smk"))
    bodies = {part.split(":")[0]: part for part in text.split("\nrule ")[1:]}
    assert set(bodies) >= set(JOBS)
    for rule in JOBS:
        outputs = bodies[rule].partition("output:")[2].partition("    log:")[0]
        assert outputs
        assert ("{RESULTS}" not in outputs) == (rule in shared), rule


# --- what code counts -------------------------------------------------------------------------
@pytest.fixture
def edited(monkeypatch):
    """`edited(module)`: from now on that module of the package reads otherwise."""
    original = fingerprints._read
    touched = set()

    def read(name: str):
        digest, imports = original(name)
        return (f"edited {digest}" if name in touched else digest), imports

    monkeypatch.setattr(fingerprints, "_read", read)
    return lambda module: touched.add(f"layeratlas.{module}")


def drawing(workflow: Workflow) -> dict[tuple[str, str], str]:
    """Fingerprint of every figure's drawing and claims."""
    return {
        (rule, figure): code_of(
            rule, JOBS[rule].modules(workflow, {"figure": figure}), CHECKOUT / "scripts"
        )
        for rule in ("draw_figure", "check_claims")
        for figure in workflow.figures
    }


@pytest.mark.parametrize(
    ("module", "paper"),
    [
        ("papers.spring_block.load_curves", "spring_block"),
        ("papers.feature_speed.reductions", "feature_speed"),
    ],
)
def test_a_reduction_of_one_paper_redraws_that_papers_figures_only(workflow, edited, module, paper):
    before = drawing(workflow)
    edited(module)
    after = drawing(workflow)
    redrawn = {figure for (rule, figure) in before if before[rule, figure] != after[rule, figure]}
    assert redrawn
    for figure in redrawn:
        assert f"layeratlas.papers.{paper}." in FIGURES[figure].function


def test_another_entry_of_the_same_module_counts(workflow, monkeypatch):
    """A metric that is another function now, a figure drawn by another or with more beside it."""
    at = {"experiment": "phase_diagram_dropout"}
    at["key"] = workflow.shards(at["experiment"])[0].key
    figure = {"figure": "schematic"}
    of_metric = JOBS["measure"].modules(workflow, at)
    of_figure = JOBS["draw_figure"].modules(workflow, figure)
    metric = METRICS["data_separation"]
    other = replace(metric, function=f"{metric.function}_pseudoinverse")
    monkeypatch.setitem(METRICS._entries, "data_separation", other)
    entry = FIGURES["schematic"]
    changed = replace(entry, function=f"{entry.function}_2", references=("x.csv",))
    monkeypatch.setitem(FIGURES._entries, "schematic", changed)
    for rule, before, where in (("measure", of_metric, at), ("draw_figure", of_figure, figure)):
        now = JOBS[rule].modules(workflow, where)
        scripts = CHECKOUT / "scripts"
        assert code_of(rule, before, scripts) != code_of(rule, now, scripts)
    for rule in ("draw_figure", "check_claims"):
        assert param_of(workflow, rule, "references", figure) == ("x.csv",)


@pytest.mark.parametrize("rule", ["unpack_cube", "export_netcdf"])
def test_an_export_is_made_again_when_exporting_changes(workflow, edited, rule):
    at = asked_for(workflow)[rule]
    before = code_of(rule, JOBS[rule].modules(workflow, at), CHECKOUT / "scripts")
    edited("storage.export")
    assert code_of(rule, JOBS[rule].modules(workflow, at), CHECKOUT / "scripts") != before


def test_the_table_of_figures_redraws_nothing(workflow, edited):
    before = drawing(workflow)
    for module in ("papers", "papers.spring_block", "papers.feature_speed", "figures.entry"):
        edited(module)
    assert drawing(workflow) == before


def test_what_a_reduction_names_is_part_of_its_code(workflow):
    at = {"experiment": "reduced"}
    entries = tuple(JOBS["reduce_cubes"].modules(workflow, at))
    assert entries == ("layeratlas.cubes.reductions:difference",)
    alone = code_of("reduce_cubes", (), CHECKOUT / "scripts")
    assert param_of(workflow, "reduce_cubes", "code", at) != alone
