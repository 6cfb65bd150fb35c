"""What runs, what runs again, and what is refused: the real Snakemake on a tiny experiment."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
import xarray as xr

from layeratlas import open_cube
from layeratlas.storage import file_digest, open_datatree

MAP = "figures/maps/tiny/data_separation.pdf"
REMADE = Counter(measure=1, assemble_cube=1, draw_map=1)


# --- a new file -------------------------------------------------------------------------------
def test_a_new_file_alone_gives_a_cube_and_a_map(finished):
    for suffix in (".pdf", ".png", ".svg"):
        assert (finished.folder / MAP).with_suffix(suffix).stat().st_size > 1000
    with open_cube(finished.folder / "results/smoke/cubes/tiny.zarr.zip") as cube:
        assert dict(cube.sizes) == {"dropout": 2, "negative_slope": 2, "seed": 1}
        assert (cube["status"] == 0).all()
        assert cube["layers/data_separation"].notnull().all()
    assert "Nothing to be done" in finished.make(MAP)


def test_maps_are_offered_of_what_cubes_hold(finished, monkeypatch):
    monkeypatch.chdir(finished.folder)
    with open_datatree("results/smoke/cubes/tiny.zarr.zip") as cube:
        held = {str(name) for node in cube.subtree for name in node.data_vars}
    assert held - {"run_id"} == set(finished.atlas().recorded("tiny"))


# --- growing ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        {"seeds": 2},
        {"grid": {"dropout": [0.1, 0], "negative_slope": [0.5, 0, 1]}},
        {"grid": {"dropout": [0.2, 0.1, 0], "negative_slope": [0, 1]}},
    ],
    ids=["seed", "value-first", "value-of-the-other-axis"],
)
def test_a_grown_grid_trains_its_new_runs_only(finished, monkeypatch, change):
    monkeypatch.chdir(finished.folder)
    before = finished.atlas()
    old = {plan.key for plan in before.shards("tiny")}
    old_ids = {run.id for run in before.runs("tiny")}
    finished.write(**change)
    assert finished.planned(MAP) == Counter(train=1) + REMADE
    after = finished.atlas()
    (new,) = [plan for plan in after.shards("tiny") if plan.key not in old]
    assert set(new.run_ids) == {run.id for run in after.runs("tiny")} - old_ids


def test_a_grown_cube_keeps_what_was_trained(finished, monkeypatch):
    monkeypatch.chdir(finished.folder)
    cube = Path("results/smoke/cubes/tiny.zarr.zip")
    with open_datatree(cube) as tree:
        small = tree["layers"].to_dataset().load()
    shards = {path: file_digest(path) for path in Path("results").rglob("shards/tiny/*.zip")}
    finished.write(grid={"dropout": [0.1, 0], "negative_slope": [0.5, 0, 1]}, seeds=[2, 1])
    finished.make(str(cube))
    assert {path: file_digest(path) for path in shards} == shards
    with open_datatree(cube) as tree:
        large = tree["layers"].to_dataset().load()
        assert (tree["status"] == 0).all()
    assert dict(large.sizes) == {**small.sizes, "negative_slope": 3, "seed": 2}
    xr.testing.assert_equal(large.sel(negative_slope=[0, 1], seed=[1]), small)
    assert "Nothing to be done" in finished.make(str(cube))


# --- edited code ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("datasets/preparation.py", Counter(prepare_dataset=1, train=1) + REMADE),
        ("engine/loop.py", Counter(train=1) + REMADE),
        ("metrics/separation.py", REMADE),
        ("cubes/assembling.py", Counter(assemble_cube=1, draw_map=1)),
        ("figures/maps.py", Counter(draw_map=1)),
        ("papers/spring_block/figures/phase_diagram.py", Counter()),
        ("workflow/planning.py", Counter()),
    ],
)
def test_edited_code_re_runs_what_uses_it(finished, module, expected):
    finished.edit(module, "\n_TOUCHED = 1\n")
    assert finished.planned(MAP) == expected


def test_comments_and_docstrings_re_run_nothing(finished):
    for module in (
        "engine/loop.py",
        "metrics/separation.py",
        "cubes/assembling.py",
        "figures/maps.py",
    ):
        path = finished.folder / "src" / "layeratlas" / module
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"""', '"""Reworded. ', 1) + "\n# A remark.\n")
    assert not finished.planned(MAP)


def test_how_a_job_runs_re_runs_nothing(finished):
    how = {"device": "cpu", "verbose": "false", "data_dir": "results", "save_every": 5}
    assert not finished.planned(MAP, **how, download="false", cache_dir="/nowhere/too")


def test_what_only_measures_does_not_train(finished):
    metrics = ["data_separation", "data_separation_pseudoinverse"]
    finished.write(measure={"metrics": metrics})
    assert finished.planned(MAP) == REMADE
    finished.write(title="Another title")
    assert finished.planned(MAP) == Counter(assemble_cube=1, draw_map=1)


def test_presets_keep_their_own_results(finished):
    cube = finished.folder / "results/smoke/cubes/tiny.zarr.zip"
    everything = Counter(prepare_dataset=1, train=1) + REMADE
    done = finished.snakemake(MAP, dry=True, preset="laptop")
    assert "results/laptop/cubes/tiny.zarr.zip" in done.stdout
    assert "results/smoke/cubes" not in done.stdout
    assert finished.planned(MAP, preset="laptop") == everything
    assert cube.exists() and not finished.planned(str(cube.relative_to(finished.folder)))


# --- refusals ---------------------------------------------------------------------------------
def _refused(project, *targets: str, **config) -> str:
    """The message of a dry run that is refused, which is all there is on stderr."""
    done = project.snakemake(*targets, dry=True, **config)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert ".smk" not in done.stderr
    assert not (project.folder / "results").exists() or "finished" in str(project.folder)
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, done.stdout + done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"titel": "x"}, "experiments/tiny.yaml: titel: unknown key; did you mean 'title'?"),
        ({"noise": {"label_noise": 2}}, "noise.label_noise: input should be less than or equal"),
        ({"presets": {"paper": {"seeds": [-1]}}}, "presets.paper.seeds[0]: expected an integer"),
        ({"grid": {"momentum": [0.9]}}, "grid.momentum[0]: momentum belongs to optimizer 'sgd'"),
    ],
)
def test_a_wrong_experiment_stops_every_target(project, change, told):
    project.write("good")
    project.write(**change)
    # Even where the target does not need the wrong one.
    assert told in _refused(project, "figures/maps/good/data_separation.pdf")


def test_wrong_names_and_settings_are_told(project):
    told = _refused(project, MAP, presett="smoke")
    assert "--config: presett: unknown key; did you mean 'preset'?" in told
    told = _refused(project, MAP, preset="smokey")
    assert "preset: input should be 'smoke', 'laptop' or 'paper'; got 'smokey'" in told
    shutil.copy(
        project.folder / "config/experiments/tiny.yaml",
        project.folder / "config/experiments/..tiny.yaml",
    )
    assert "an experiment's name has lower-case letters" in _refused(project, MAP)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (
            "figures/phase_diagramm.pdf",
            "no figure 'phase_diagramm.pdf'. Did you mean 'phase_diagram'?",
        ),
        ("figures/phase_diagram.jpg", "no figure 'phase_diagram.jpg'. "),
        ("figures/maps/tinny/data_separation.pdf", "no experiment 'tinny'. Did you mean 'tiny'?"),
        ("figures/maps/tiny/data_seperation.pdf", "Did you mean 'data_separation'?"),
        ("results/smoke/datasets/0123456789abcdef.json", "asks for data set 0123456789abcdef"),
        ("results/smoke/shards/tiny/0123456789abcdef.json", "no run of shard 0123456789abcdef"),
    ],
)
def test_targets_that_cannot_be_made_are_told(project, target, told):
    assert told in _refused(project, target)


def test_a_fit_has_no_map(project):
    project.write("nets")
    folder = project.folder / "config" / "experiments"
    (folder / "chains.yaml").write_text(
        "kind: simulation\ntitle: c\nchain: {length: 2}\n"
        "grid: {friction_right: [0], noise_strength: [0]}\n"
    )
    for name in ("mine", "spring_fit_dropout"):
        (folder / f"{name}.yaml").write_text(
            "kind: fit\ntitle: f\nfit: {target: nets, library: chains}\n"
        )
    told = _refused(project, "figures/maps/mine/data_separation.pdf")
    assert "figures/maps/mine/data_separation: a fit has no map" in told
    told = _refused(project, "figures/maps/spring_fit_dropout/data_separation.pdf")
    assert "a fit has no map; it is drawn in figures/spring_fit.pdf" in told


def test_a_map_needs_two_axes(project):
    project.write(grid={"dropout": [0, 0.1]})
    told = _refused(project, MAP)
    assert "a map needs two axes" in told and "results/smoke/cubes/tiny.zarr.zip" in told


@pytest.mark.parametrize(
    "target",
    [
        "figures/maps/../../x/y.pdf",
        "figures/maps/tiny/../../../y.pdf",
        "../y.pdf",
        "results/smoke/cubes/..%2fx.zarr.zip",
        "results/smoke/cubes/../x.zarr.zip",
        "results/smoke/shards/tiny/../0123456789abcdef.zarr.zip",
        "results/laptop/cubes/tiny.zarr.zip",
        "figures/maps/tiny/a/b.pdf",
    ],
)
def test_no_target_leads_out_of_its_folder(project, target):
    done = project.snakemake(target, dry=True)
    assert done.returncode != 0
    assert "No rule to produce" in done.stdout + done.stderr or "no figure" in done.stderr


# --- all of it --------------------------------------------------------------------------------
def _with_every_experiment(project) -> None:
    root = Path(__file__).resolve().parents[2]
    for path in (root / "config" / "experiments").glob("*.yaml"):
        shutil.copy2(path, project.folder / "config" / "experiments")


def test_costly_figures_are_made_by_name_only(project):
    _with_every_experiment(project)
    atlas = project.atlas()
    assert "cnn_load_curves_reduced" not in atlas.ordinary
    planned = project.snakemake("all", dry=True).stdout
    assert "cnn_load_curves.json" in planned
    assert "cnn_load_curves_reduced" not in planned
    assert "cnn_cifar10_reduced" not in planned
    assert "cnn_cifar10_reduced" in project.snakemake("spring_block", dry=True).stdout


@pytest.mark.slow
def test_costly_figures_are_made_by_no_other_name(project):
    _with_every_experiment(project)
    for target in ("figures", "claims"):
        planned = project.snakemake(target, dry=True).stdout
        assert "cnn_load_curves.json" in planned
        assert "cnn_load_curves_reduced" not in planned
        assert "cnn_cifar10_reduced" not in planned
    planned = project.snakemake("feature_speed", dry=True).stdout
    assert "figures/hp_mlp.tex" in planned and "cnn_" not in planned
    planned = project.snakemake("figures/cnn_load_curves_reduced.pdf", dry=True).stdout
    assert "figures/cnn_load_curves_reduced.claims.json" in planned
    assert "cubes/cnn_cifar10_reduced.zarr.zip" in planned


@pytest.mark.slow
def test_every_figure_in_the_smoke_preset_and_then_nothing(tmp_path, project):
    _with_every_experiment(project)
    project.make("figures")
    for name in project.atlas().ordinary:
        assert (project.folder / f"figures/{name}.pdf").exists()
        assert json.loads((project.folder / f"figures/{name}.claims.json").read_text())
    assert "Nothing to be done" in project.make("figures")
