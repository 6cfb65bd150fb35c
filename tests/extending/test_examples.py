"""What docs/extending.md shows: short files, and nothing re-made that does not use them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made.trained import trained_cube

from layeratlas.extending import loading
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
    "extensions/spread.py": {("measure", "with_lion"), ("measure", "patches")},
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
