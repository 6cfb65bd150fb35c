"""What docs/extending.md shows: short files, and nothing re-made that does not use them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made.trained import trained_cube

from layeratlas.extending import loading
from layeratlas.losses.base import Loss
from layeratlas.papers import FIGURES
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.planning import Workflow

EXAMPLES = Path(__file__).parent / "examples"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
Asked = dict[tuple[str, str], set[str]]


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.py")), ids=lambda path: path.stem)
def test_each_is_short(path):
    assert len(path.read_text().splitlines()) <= 30


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.*")), ids=lambda path: path.name)
def test_the_document_shows_each_word_for_word(path):
    if path.suffix in (".py", ".yaml"):
        assert path.read_text().strip() in DOCUMENT.read_text(encoding="utf-8")


def asked(folder: Path) -> Asked:
    """What the jobs are asked, by rule and experiment or figure; planned anew, as a later call."""
    loading._loaded = None
    workflow = Workflow({"preset": "smoke"}, folder)
    found: Asked = {}

    def add(rule: str, **at: str) -> None:
        params = {name: workflow.param(rule, name, at) for name in JOBS[rule].names}
        found.setdefault((rule, at["experiment"]), set()).add(repr(sorted(params.items())))

    for experiment in workflow.experiments:
        kind = workflow.kind(experiment)
        for plan in workflow.shards(experiment) if kind.has_grid else ():
            add("train", experiment=experiment, key=plan.key)
            add("measure", experiment=experiment, key=plan.key)
        add("assemble_cube" if kind.has_grid else kind.stage, experiment=experiment)
    for figure in ("gaps", "phase_diagram"):
        entry = FIGURES[figure]
        found["draw_figure", figure] = {workflow.code("draw_figure", (entry.function,))}
        found["check_claims", figure] = {workflow.code("check_claims", (entry.claims,))}
    return found


USED = {
    "extensions/spread.py": {("measure", name) for name in ("with_lion", "patches", "regression")},
    "extensions/alignment.py": {("measure", "patches"), ("measure", "regression")},
    "extensions/movement.py": {("measure", "patches"), ("measure", "regression")},
    "extensions/huber.py": {("train", "regression"), ("measure", "regression")},
    "extensions/lion.py": {("train", "with_lion"), ("train", "patches")},
    "extensions/gaps.py": {("draw_figure", "gaps"), ("check_claims", "gaps")},
    "gap.py": {("reduce_cubes", "gap")},
    # It is part of the runs' identity: they are other runs.
    "nets/patches.py": {(rule, "patches") for rule in ("train", "measure", "assemble_cube")},
}


def test_what_is_used_counts_and_nothing_else(examples):
    before = asked(examples)
    (examples / "extensions" / "another.py").write_text("x = 1\n")
    (examples / "extensions" / "spread.py").write_text(
        "# A note.\n" + (examples / "extensions" / "spread.py").read_text()
    )
    assert asked(examples) == before
    for name, used in USED.items():
        text = (examples / name).read_text()
        (examples / name).write_text(f"{text}\n\nANOTHER = 1\n")
        now = asked(examples)
        assert {key for key in before if before[key] != now[key]} == used, name
        (examples / name).write_text(text)
    assert asked(examples) == before


def test_a_metric_of_features(examples):
    loading.load()
    cube = trained_cube(
        examples, measure={"metrics": ["participation"]}, grid={"learning_rate": [1e-3]}
    )
    value = cube["layers/participation"].squeeze()
    assert value.dims == ("layer",) and value.attrs["formula"] == "(tr C)^2 / tr C^2"
    features = np.random.default_rng(1).normal(size=(2, 9, 4))
    found = loading.resolve("extensions.spread:participation")(features)
    for one, told in zip(features, found, strict=True):
        eigenvalues = np.linalg.eigvalsh(np.cov(one.T))
        assert told == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())


def test_metrics_of_cotangents_and_of_weights(examples):
    loading.load()
    cube = trained_cube(
        examples,
        measure={"metrics": ["weight_alignment", "movement"]},
        grid={"learning_rate": [1e-20, 1e-2]},
    )
    node = cube["affine"].to_dataset().squeeze(drop=True)
    assert list(node["affine_name"].values) == ["layer_1", "layer_2", "layer_3"]
    assert list(cube["affine/epoch"].values) == [3]
    moved = node["movement"].sel(learning_rate=1e-2)
    still = node["movement"].isel(learning_rate=0)
    assert (still < 1e-12).all() and (moved > 1e-4).all()
    alignment = node["weight_alignment"]
    assert ((alignment > 0) & (alignment <= 1 + 1e-6)).all()
    # K of the outputs themselves is the identity.
    np.testing.assert_allclose(alignment.isel(affine=-1), 1, rtol=1e-5)


def test_an_optimiser_and_its_own_settings_as_axes(examples):
    loading.load()
    training = {"optimizer": "lion", "optimizer_settings": {"beta1": 0.9}, "epochs": 2}
    cube = trained_cube(examples, training=training, grid={"beta1": [0.5, 0.9]})
    assert cube["beta1"].values.tolist() == [0.5, 0.9]
    assert cube["beta1"].attrs["varies"] == "training.optimizer_settings.beta1"
    theta, gradient, momentum = np.ones((1, 2)), np.array([[1.0, -1.0]]), np.array([[-9.0, 0.0]])
    settings = {"beta1": 0.5, "beta2": 0.5}
    update = loading.resolve("extensions.lion:update")
    after, (kept,) = update(theta, gradient, (momentum,), 0.1, 1, settings)
    np.testing.assert_allclose(after, [[1.1, 1.1]])
    np.testing.assert_allclose(kept, [[-4.0, -0.5]])


def test_a_module(examples):
    loading.load()
    model = {"family": "module", "from": "nets/patches.py:Patches", "settings": {"width": 4}}
    cube = trained_cube(
        examples,
        dataset={"source": "digits", "n_train": 32, "n_test": 16},
        model=model,
        measure={"metrics": ["participation"]},
        grid={"width": [4, 6]},
    )
    assert cube["width"].attrs["varies"] == "model.settings.width"
    assert np.isfinite(cube["layers/participation"].values).all()
    assert cube["layers"].sizes["layer"] == 4


def test_a_reduction_and_a_figure_with_a_claim(examples):
    loading.load()
    from layeratlas.cubes.reducing import reduce_cubes
    from layeratlas.papers import check, draw

    cubes = {
        name: trained_cube(examples, training=training, grid={"learning_rate": [1e-3, 1e-2]})
        for name, training in (("lion", {"optimizer": "lion"}), ("adam", {"optimizer": "adam"}))
    }
    asked = {"function": "gap.py:gap", "of": ["lion", "adam"], "settings": {"scale": 2.0}}
    told = {"title": "t", "summary": "", "references": "", "name": "gap", "preset": "smoke"}
    told["settings"] = {"reduction": asked}
    made = reduce_cubes(loading.resolve("gap.py:gap"), cubes, told)
    assert made["gap"].dims == ("learning_rate",) and made["gap"].attrs["units"] == "percent"
    assert draw("gaps", {"gap": made}).axes
    (claim,) = check("gaps", {"gap": made})
    assert claim.value == pytest.approx(float(made["gap"].max()))


@pytest.mark.parametrize("family", ["mlp", "module"])
def test_metrics_of_weights_and_of_cotangents_of_any_network(examples, family):
    loading.load()
    module = {"family": "module", "from": "nets/patches.py:Patches", "settings": {"width": 4}}
    cube = trained_cube(
        examples,
        dataset={"source": "digits", "n_train": 32, "n_test": 16},
        model={"mlp": {"depth": 3, "width": 6, "batch_norm": False}, "module": module}[family],
        measure={"metrics": ["weight_alignment", "movement"]},
        grid={"learning_rate": [1e-3, 1e-2]},
    )
    affine = cube["affine"]
    assert affine.sizes["affine"] == 3
    moved, aligned = (affine[n].isel(epoch=-1).squeeze() for n in ("movement", "weight_alignment"))
    assert moved.dims == aligned.dims == ("learning_rate", "affine")
    assert (moved[0] < moved[1]).all() and (moved > 0).all() and (abs(aligned) <= 1.0001).all()


def test_a_loss(examples):
    loading.load()
    huber = loading.resolve("extensions.huber:Huber")(0.5)
    outputs, targets = np.random.default_rng(0).normal(size=(2, 2, 5, 3))
    r = abs(outputs - targets)
    expected = np.where(r > 0.5, 0.5 * (r - 0.25), r * r / 2).sum(-1)
    np.testing.assert_allclose(huber.value(outputs, targets), expected)
    gradient = huber.gradient(outputs, targets)
    np.testing.assert_allclose(gradient, Loss.gradient(huber, outputs, targets), atol=1e-12)


def test_a_regression_on_arrays(examples):
    experiment = Workflow({"preset": "smoke"}, examples).experiments["regression"]
    settings = experiment.settings
    cube = trained_cube(
        examples,
        dataset=settings["dataset"],
        model=settings["model"],
        training=settings["training"],
        measure={"metrics": ["participation"]},
        grid={"delta": [0.1, 0.5]},
    )
    assert cube["delta"].attrs["varies"] == "training.loss_settings.delta"
    assert np.isfinite(cube["evaluation/test_loss"].values).all()
