"""Plans of one invocation, from configuration alone."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from made.refusals import GOOD

from layeratlas.config.shapes import PRESETS
from layeratlas.datasets.recipe import recipe_of
from layeratlas.errors import ConfigError
from layeratlas.figures.entry import FigureEntry
from layeratlas.papers import FIGURES, PAPERS
from layeratlas.workflow.jobs import JOBS, NotAskedError
from layeratlas.workflow.planning import Workflow

CHECKOUT = Path(__file__).resolve().parents[2]
NAME = "phase_diagram_dropout"


@pytest.fixture(scope="module")
def workflow() -> Workflow:
    return Workflow({"preset": "smoke"}, CHECKOUT)


def test_every_run_is_in_one_shard(tmp_path):
    workflow = Workflow({"preset": "smoke"}, CHECKOUT)
    # Where the checkout is in use, its shards hold other runs too.
    workflow.results = tmp_path
    for experiment in workflow.assembled():
        wanted = {run.id for run in workflow.runs(experiment)}
        held = [run for plan in workflow.shards(experiment) for run in plan.run_ids]
        assert len(held) == len(set(held))
        assert set(held) == wanted, experiment


def test_every_shard_has_its_data_set(workflow):
    needed = {
        workflow.dataset_key(plan)
        for experiment in workflow.of_stage("train")
        for plan in workflow.shards(experiment)
    }
    for key in needed:
        recipe = workflow.recipe(key)
        assert json.loads(recipe)["source"] and recipe_of(recipe).key == key
    with pytest.raises(NotAskedError, match="no experiment of preset smoke asks for data set 0"):
        workflow.recipe("0" * 16)


def test_a_recipe_is_found_without_the_experiments_that_nobody_needs(tmp_path):
    """Jobs plan what they need: the process that started them has checked the rest."""
    (tmp_path / "right.yaml").write_text(GOOD)
    (tmp_path / "a_wrong_one.yaml").write_text(GOOD.replace("epochs: 5", "epochs: -5"))
    with pytest.raises(ConfigError, match="epochs"):
        _ = Workflow({"preset": "smoke"}, CHECKOUT, tmp_path).experiments
    asked = Workflow({"preset": "smoke"}, CHECKOUT, tmp_path, checks="asked")
    (key,) = {asked.dataset_key(plan) for plan in asked.shards("right")}
    assert recipe_of(asked.recipe(key)).key == key
    with pytest.raises(ConfigError, match="epochs"):
        asked.runs("a_wrong_one")


def test_files_of_a_cube_and_of_a_fit(workflow):
    plans = workflow.shards(NAME)
    assert workflow.results_of(NAME) == [
        f"results/smoke/measurements/{NAME}/{plan.key}" for plan in plans
    ]
    fit = workflow.of_stage("fit_springs")[0]
    sources = workflow.sources_of(fit)
    assert sources["library"].startswith("results/smoke/cubes/spring_")
    assert fit not in workflow.assembled()


def test_what_is_asked_for_twice_is_worked_out_once(workflow):
    at = {"experiment": NAME}
    assert workflow.param("assemble_cube", "plan", at) is workflow.param(
        "assemble_cube", "plan", at
    )
    assert workflow.cube_plan(NAME) is workflow.cube_plan(NAME)


def test_an_identity_names_configuration_and_data(workflow):
    found = workflow.identity([NAME, "spring_phase_diagram"])
    assert set(found) == {
        f"configuration {NAME}", f"dataset {NAME}", "configuration spring_phase_diagram",
    }  # fmt: skip
    assert workflow.recipe(found[f"dataset {NAME}"])


def test_costly_figures_are_not_ordinary(workflow):
    assert set(workflow.figures) - set(workflow.ordinary) == {
        name for name, entry in FIGURES.items() if entry.is_costly(workflow.config.preset)
    }


@pytest.fixture
def an_entry(monkeypatch):
    """`an_entry(**options)`: a figure of the table, for one test, in the place of `sharpness`."""

    def call(**options):
        entry = replace(FIGURES["sharpness"], **options)
        monkeypatch.setitem(FIGURES._entries, "sharpness", entry)

    return call


def test_a_figure_may_be_costly_and_show_more_at_some_presets(an_entry):
    an_entry(costly=("laptop", "paper"), more={"paper": ("first_order_chain", "sharpness")})
    at = {preset: Workflow({"preset": preset}, CHECKOUT) for preset in PRESETS}
    assert [("sharpness" in at[p].ordinary) for p in PRESETS] == [True, False, False]
    assert at["laptop"].drawn_from("sharpness") == ("sharpness",)
    assert at["paper"].drawn_from("sharpness") == ("sharpness", "first_order_chain")


def test_an_optional_experiment_is_left_out_where_its_data_cannot_be_had(an_entry, tmp_path):
    """Not where its cube lies there already, copied from elsewhere."""
    an_entry(more={"laptop": ("alignment_fashion_mnist",)}, optional=("alignment_fashion_mnist",))

    def drawn(preset="laptop", **config):
        more = {"cache_dir": str(tmp_path / "cache"), **config}
        workflow = Workflow({"preset": preset, **more}, CHECKOUT)
        workflow.results = tmp_path / "none"
        return workflow.drawn_from("sharpness")

    assert drawn() == ("sharpness", "alignment_fashion_mnist")
    assert drawn(download=False) == ("sharpness",) == drawn("smoke")
    # A first try downloads nothing for what it can do without.
    an_entry(more={"smoke": ("nfa_gpt",), "laptop": ("nfa_gpt",)}, optional=("nfa_gpt",))
    assert drawn() == ("sharpness", "nfa_gpt") and drawn("smoke") == ("sharpness",)
    an_entry(more={"laptop": ("alignment_fashion_mnist",)}, optional=("alignment_fashion_mnist",))
    lacking = Workflow(
        {"preset": "laptop", "cache_dir": str(tmp_path / "cache"), "download": False}, CHECKOUT
    )
    lacking.results = tmp_path
    (tmp_path / "cubes").mkdir()
    (tmp_path / "cubes" / "alignment_fashion_mnist.zarr.zip").touch()
    assert lacking.drawn_from("sharpness") == ("sharpness", "alignment_fashion_mnist")


def test_a_figure_of_a_preset_that_is_none_is_refused(an_entry):
    an_entry(costly=("labtop",))
    with pytest.raises(ConfigError, match="'labtop'; did you mean 'laptop'"):
        Workflow({"preset": "smoke"}, CHECKOUT)


def atlas_of(tmp_path, **asked) -> Workflow:
    found = Workflow({"preset": "laptop", "atlas": asked}, CHECKOUT)
    found.results = tmp_path
    return found


def test_the_atlas_has_the_first_figure_and_those_that_are_made(tmp_path):
    workflow = atlas_of(tmp_path)
    assert workflow.in_atlas() == ("phase_diagram",)
    made = [
        *(f"figures/sharpness.{e}" for e in ("pdf", "png", "svg", "caption.txt", "caption.tex")),
        "claims/sharpness.json",
    ]
    for path in made:
        # Not before the last of its files is there.
        assert workflow.in_atlas() == ("phase_diagram",)
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    assert workflow.in_atlas() == ("phase_diagram", "sharpness")
    assert workflow.atlas_cubes()[-1] == "sharpness" and len(workflow.atlas_cubes()) == 5


def test_the_atlas_has_what_is_asked_for(tmp_path):
    named = atlas_of(tmp_path, figures=["sharpness"], experiments=["spring_phase_diagram"])
    assert named.in_atlas() == ("sharpness",)
    assert named.atlas_cubes() == ("sharpness", "spring_phase_diagram")
    assert atlas_of(tmp_path, figures="sharpness").in_atlas() == ("sharpness",)
    every = atlas_of(tmp_path, figures="all")
    assert every.in_atlas() == every.ordinary


def test_names_of_none_in_the_atlas_are_told(tmp_path):
    with pytest.raises(ConfigError, match=r"atlas.figures: .* Did you mean 'sharpness'\?"):
        atlas_of(tmp_path, figures=["sharpnes"]).in_atlas()
    with pytest.raises(ConfigError, match=r"atlas.experiments: there is no experiment 'nothing'"):
        atlas_of(tmp_path, experiments=["nothing"]).atlas_cubes()


def test_what_a_paper_shows(workflow):
    assert "figures/hp_mlp.tex" in workflow.shown(["hp_mlp", "phase_diagram"])
    every = [name for names in PAPERS.values() for name in names]
    assert sorted(every) == sorted(set(every)) and set(every) <= set(FIGURES)
    assert "figures/cnn_load_curves_reduced.pdf" in workflow.shown(PAPERS["spring_block"])


@pytest.mark.parametrize(
    ("experiment", "metric", "told"),
    [
        (NAME, "data_seperation", "Did you mean 'data_separation'?"),
        ("first_order_chain", "spring_separation", "needs two axes"),
        ("spring_fit_dropout", "residual", "a fit has no map; it is drawn in figures/spring_fit"),
    ],
)
def test_maps_that_cannot_be_drawn_are_told(workflow, experiment, metric, told):
    with pytest.raises(ConfigError, match=told.replace("?", r"\?")):
        workflow.map_of(experiment, metric)


def test_unknown_figures_are_told(workflow):
    with pytest.raises(ConfigError, match=r"Did you mean 'phase_diagram'\?"):
        workflow.refuse_figure("phase_diagramm.pdf")
    with pytest.raises(ConfigError, match="There is no experiment 'nothing'"):
        workflow.refuse_figure("maps/nothing/status.pdf")


def test_boundaries_of_no_experiment_are_told(workflow):
    with pytest.raises(ConfigError, match=r"no experiment 'spring_bundary'\. Did you mean 'spring"):
        workflow.refuse_boundary("spring_bundary")
    with pytest.raises(ConfigError, match="'phase_diagram_dropout' asks for no boundary"):
        workflow.refuse_boundary("phase_diagram_dropout")
    with pytest.raises(ConfigError, match=r"its boundary is drawn in refined/spring_boundary\.pdf"):
        workflow.map_of("spring_boundary", "status")


def test_planning_loads_no_heavy_library():
    """The workflow plans at every start, and in every job of a cluster."""
    code = (
        "import sys; from pathlib import Path\n"
        "from layeratlas.workflow.planning import Workflow\n"
        f"w = Workflow({{'preset': 'smoke'}}, Path({str(CHECKOUT)!r}))\n"
        "[w.shards(n) for n in w.assembled()]\n"
        "w.param('draw_figure', 'code', {'figure': 'phase_diagram'})\n"
        "print(sorted({'numpy', 'torch', 'xarray', 'pandas', 'matplotlib', 'numba', 'scipy'}"
        " & set(sys.modules)))"
    )
    # The first start of all tries what modules experiments name, which needs torch, and remembers.
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "[]"


def test_a_figure_of_an_experiment_that_is_not_there_is_refused(workflow, monkeypatch):
    entry = FigureEntry("mine", "extensions.mine:draw", experiments=("phase_diagram_dropuot",))
    monkeypatch.setitem(FIGURES._entries, "mine", entry)
    with pytest.raises(
        ConfigError, match=r"'mine' is drawn from .*'phase_diagram_dropuot'.*not in"
    ):
        workflow.figure("mine")


def test_moments_of_records_have_maps(tmp_path):
    text = (
        "title: Moments\ndataset: {source: digits, n_train: 64}\ngrid: {dropout: [0, 0.1]}\n"
        "records: [{step: 3}, final]\n"
    )
    (tmp_path / "moments.yaml").write_text(text)
    recorded = Workflow({"preset": "smoke"}, CHECKOUT, tmp_path).recorded("moments")
    assert {"record_epoch", "reached", "test_accuracy"} <= set(recorded)
    assert "test_explained_variance" not in recorded


def borrowing(tmp_path, **changes) -> Workflow:
    """A folder with an experiment and one that measures its networks."""
    folder = tmp_path / "experiments"
    folder.mkdir()
    own = {
        "title": "Networks",
        "dataset": {"source": "digits", "n_train": 64},
        "model": {"depth": 3, "width": 8},
        "training": {"epochs": 3},
        "grid": {"dropout": [0, 0.1]},
        "seeds": 2,
    }
    (folder / "trains.yaml").write_text(json.dumps(own))
    borrows = {
        "title": "Others' networks",
        "extends": "trains",
        "measure": {"networks": "trains", "metrics": ["alignment"]},
        **changes,
    }
    (folder / "looks.yaml").write_text(json.dumps(borrows))
    return Workflow({"preset": "smoke"}, CHECKOUT, folder)


def test_networks_of_another_experiment_are_measured_and_not_trained(tmp_path):
    workflow = borrowing(tmp_path, grid={"dropout": [0.1]}, seeds=[2])
    (plan,) = workflow.shards("looks")
    assert plan in workflow.shards("trains") and workflow.trained("looks") == "trains"
    assert workflow.trained("trains") == "trains"
    at = {"experiment": "looks", "key": plan.key}
    trained = [job for job in JOBS["measure"].upstream(workflow, at) if job[0] == "train"]
    assert trained == [("train", {"experiment": "trains", "key": plan.key})]


def test_fewer_moments_of_the_networks_of_another_experiment(tmp_path):
    """Epoch 0 serves metrics that compare with the start whether or not it is measured."""
    own = {"title": "Networks", "dataset": {"source": "digits", "n_train": 64},
           "model": {"depth": 3, "width": 8}, "training": {"epochs": 3},
           "grid": {"dropout": [0, 0.1]}, "checkpoints": [0, 1, "final"]}  # fmt: skip
    (tmp_path / "trains.yaml").write_text(json.dumps(own))
    borrows = {"title": "Looks", "extends": "trains", "checkpoints": ["final"],
               "measure": {"networks": "trains", "metrics": ["c_nfc"]}}  # fmt: skip
    (tmp_path / "looks.yaml").write_text(json.dumps(borrows))
    workflow = Workflow({"preset": "smoke"}, CHECKOUT, tmp_path)
    (plan,) = workflow.shards("looks")
    asked = json.loads(workflow.measure_json("looks", plan.key))
    assert asked["moments"] == [3] and "start_only" not in asked
    assert "moments" not in json.loads(workflow.measure_json("trains", plan.key))


def test_a_beginning_that_has_a_label_serves_what_compares_with_the_start(tmp_path):
    own = {"title": "Networks", "dataset": {"source": "digits", "n_train": 64},
           "model": {"depth": 3, "width": 8}, "training": {"epochs": 3}, "grid": {"dropout": [0]},
           "records": [{"epoch": 0, "label": "init"}, {"step": 2}, "final"]}  # fmt: skip
    (tmp_path / "trains.yaml").write_text(json.dumps(own))
    borrows = {"title": "Looks", "extends": "trains",
               "measure": {"networks": "trains", "metrics": ["c_nfc"],
                           "views": {"train": {"split": "train"}}}}  # fmt: skip
    (tmp_path / "looks.yaml").write_text(json.dumps(borrows))
    workflow = Workflow({"preset": "smoke"}, CHECKOUT, tmp_path)
    (plan,) = workflow.shards("looks")
    assert "moments" not in json.loads(workflow.measure_json("looks", plan.key))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"training": {"epochs": 2}}, "measure.networks: 'trains' trains no network as the one"),
        ({"seeds": 3}, "trains no network as the one at dropout=0.0, seed=3"),
        ({"checkpoints": [0, "final"]}, "'trains' keeps other moments of the network"),
        ({"records": [{"step": 1}, "final"]}, "'trains' keeps other moments of the network"),
        (
            {"measure": {"networks": "trains", "metrics": ["uc_nfc", "c_nfc"]}},
            "'c_nfc' compares with epoch 0, and 'trains' keeps none of the network at dropout=0.0",
        ),
        ({"measure": {"networks": "train"}}, "there is no experiment 'train'; did you mean"),
        ({"measure": {"networks": "looks"}}, "'looks' trains no networks of its own"),
    ],
)
def test_networks_that_another_experiment_does_not_have(tmp_path, changes, told):
    with pytest.raises(ConfigError) as refused:
        borrowing(tmp_path, **changes).shards("looks")
    assert told in str(refused.value) and len(str(refused.value)) <= 380
