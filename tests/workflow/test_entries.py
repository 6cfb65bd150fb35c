"""An entry re-makes only what uses it: fingerprints over a copy of the package that is edited.

Fingerprints are asked for as the planner asks: a rule's script, and the modules of the entries that
the settings name.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from layeratlas.datasets.recipe import DatasetRecipe, recipe_of
from layeratlas.datasets.registry import SOURCES, identity
from layeratlas.engine.entries import measuring_entries, training_entries
from layeratlas.engine.optimizers.registry import OPTIMIZERS
from layeratlas.losses.registry import LOSSES
from layeratlas.metrics.registry import METRICS, run_by
from layeratlas.networks.initialization.registry import RULES
from layeratlas.networks.registry import FAMILIES
from layeratlas.workflow import fingerprints
from layeratlas.workflow.jobs import code_of

SOURCE = Path(fingerprints.__file__).parents[1]
SCRIPTS = SOURCE.parents[1] / "scripts"


def run(
    family="mlp",
    optimizer="adam",
    loss="cross_entropy",
    rule="uniform_fan_in",
    scaling=None,
    **model,
):
    """Resolved settings of one training, as far as they name entries."""
    settings = {
        "model": {"family": family, "initialization": rule, **model},
        "training": {"optimizer": optimizer, "loss": loss},
    }
    return settings if scaling is None else settings | {"scaling": {"name": scaling}}


RECIPES = {
    **{name: DatasetRecipe(source=name, n_train=10) for name in ("digits", "mnist", "cifar10")},
    "chain_monomial": recipe_of({"source": "chain_monomial", "n_train": 10}),
    "disc": recipe_of({"source": "disc", "n_train": 10}),
}


def _measuring(settings, metrics):
    entries, uses = run_by(METRICS[name] for name in metrics)
    return (*measuring_entries(settings, uses), *sorted(entries))


def code(rule: str, *settings: dict, metrics=("data_separation",), source: str = "digits") -> str:
    """The fingerprint of a rule's code under some settings."""
    of_settings = {
        "prepare_dataset": lambda: RECIPES[source].entries(),
        "train": lambda: training_entries(settings),
        "measure": lambda: _measuring(settings, metrics),
    }
    return code_of(rule, of_settings.get(rule, tuple)(), SCRIPTS)


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    """A copy of the package."""
    root = tmp_path_factory.mktemp("package") / "layeratlas"
    shutil.copytree(SOURCE, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def forget() -> None:
    """What was read of files; what was made of their contents stays."""
    fingerprints._read.cache_clear()
    fingerprints._read_file.cache_clear()


@pytest.fixture
def edit(copied, monkeypatch):
    """`edit(file)` changes the code of a module of the copy until the test is over."""
    monkeypatch.setattr(fingerprints, "_ROOT", copied)
    forget()
    before = {}

    def change(name: str, text: str = "\nEDITED = 1\n") -> None:
        path = copied / name
        before[path] = path.read_text(encoding="utf-8") if path.exists() else None
        path.write_text((before[path] or "") + text, encoding="utf-8")
        forget()

    yield change
    for path, text in before.items():
        path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    forget()


# Who must notice an edit, and who must not: (stage, settings).
EVERY = {
    "train adam": lambda: code("train", run()),
    "train sgd": lambda: code("train", run(optimizer="sgd")),
    "train squared error": lambda: code("train", run(loss="mean_squared_error")),
    "train kaiming": lambda: code("train", run(rule="kaiming_normal")),
    "train resnet": lambda: code("train", run("residual_mlp", "sgd", "mean_squared_error")),
    "train cnn": lambda: code("train", run("block_cnn")),
    "train tanh": lambda: code("train", run(activation="tanh")),
    "train tanh with norm": lambda: code("train", run(activation="tanh", batch_norm=True)),
    "train fsc": lambda: code("train", run(optimizer="sgd", scaling="fsc")),
    "train fsc_auto": lambda: code("train", run(optimizer="sgd", scaling="fsc_auto")),
    "train adam and sgd": lambda: code("train", run(), run(optimizer="sgd")),
    "measure": lambda: code("measure", run()),
    "measure squared error": lambda: code("measure", run(loss="mean_squared_error")),
    "measure sharpness": lambda: code("measure", run(), metrics=("hessian_trace",)),
    "measure steps": lambda: code("measure", run(), metrics=("data_separation", "contribution")),
    "measure steps of resnet": lambda: code(
        "measure", run("residual_mlp", loss="mean_squared_error"), metrics=("contribution",)
    ),
    "probe": lambda: code("probe"),
    "simulate": lambda: code("simulate"),
    "prepare digits": lambda: code("prepare_dataset", source="digits"),
    "prepare mnist": lambda: code("prepare_dataset", source="mnist"),
    "prepare cifar10": lambda: code("prepare_dataset", source="cifar10"),
    "prepare monomial": lambda: code("prepare_dataset", source="chain_monomial"),
    "prepare disc": lambda: code("prepare_dataset", source="disc"),
}
TRAININGS = {name for name in EVERY if name.startswith("train")}
MEASURES = {name for name in EVERY if name.startswith("measure")}
PREPARES = {name for name in EVERY if name.startswith("prepare")}
WITH_SGD = {"train sgd", "train resnet", "train fsc", "train fsc_auto", "train adam and sgd"}
OF_SQUARED_ERROR = {
    "train squared error", "train resnet", "measure squared error", "measure steps of resnet",
}  # fmt: skip
OF_RESNET = {"train resnet", "measure steps of resnet"}
BY_AUTOGRAD = {"measure steps", "measure sharpness", "measure steps of resnet"}
DENSE = TRAININGS | MEASURES


@pytest.mark.parametrize(
    ("file", "noticed"),
    [
        # optimisers
        ("engine/optimizers/adam.py", TRAININGS - WITH_SGD | {"train adam and sgd"}),
        ("engine/optimizers/sgd.py", WITH_SGD),
        ("engine/optimizers/scale_invariant_sgd.py", set()),
        ("engine/optimizers/adamw.py", set()),
        ("engine/optimizers/blockwise.py", set()),
        ("engine/optimizers/layer_sizes.py", {"measure steps", "measure steps of resnet"}),
        ("engine/optimizers/updating.py", set()),
        ("engine/schedules/schedule.py", TRAININGS),
        ("engine/schedules/cosine.py", set()),
        # losses
        ("losses/cross_entropy.py", (TRAININGS | MEASURES) - OF_SQUARED_ERROR),
        ("losses/mean_squared_error.py", OF_SQUARED_ERROR),
        ("losses/squares.py", OF_SQUARED_ERROR),
        ("losses/hinge.py", set()),
        ("losses/scores.py", MEASURES),
        ("losses/choosing.py", set()),
        ("losses/proving.py", set()),
        # families and their forwards
        ("networks/residual_mlp.py", OF_RESNET),
        ("networks/block_cnn.py", {"train cnn"}),
        ("networks/mlp_forward.py", {"measure steps", "measure sharpness", "train tanh with norm"}),
        ("networks/activations/functions.py", BY_AUTOGRAD | {"train tanh with norm", "train cnn"}),
        ("networks/activations/written.py", {"train tanh"}),
        ("networks/residual_mlp_forward.py", {"measure steps of resnet"}),
        # initial values and scalings
        ("networks/initialization/kaiming_normal.py", {"train kaiming"}),
        ("networks/initialization/uniform_fan_in.py", TRAININGS - {"train kaiming"}),
        ("engine/scaled_start.py", {"train fsc", "train fsc_auto"}),
        ("engine/calibrated_layers.py", {"train fsc_auto"}),
        ("probes/calibration.py", {"train fsc_auto", "probe"}),
        # kernels
        ("backends/fused/words.py", TRAININGS | MEASURES | {"simulate"}),
        ("backends/fused/data.py", TRAININGS),
        ("backends/fused/dense.py", DENSE),
        ("backends/plain/data.py", TRAININGS),
        ("backends/plain/dense.py", DENSE),
        # the loop, and what a trained shard leaves behind
        ("engine/loop.py", TRAININGS),
        ("engine/state.py", TRAININGS),
        ("engine/archive.py", TRAININGS),
        ("engine/start.py", TRAININGS | {"measure steps", "measure steps of resnet"}),
        ("engine/weights.py", TRAININGS | MEASURES),
        # signals and metrics
        ("signals/network.py", MEASURES),
        ("signals/reading.py", MEASURES),
        ("signals/classes.py", {"measure", "measure squared error", "measure steps"}),
        ("signals/loss.py", {"measure sharpness"}),
        ("signals/gradient_step.py", {"measure steps", "measure steps of resnet"}),
        ("metrics/separation.py", {"measure", "measure squared error", "measure steps"}),
        ("metrics/gradient_step.py", {"measure steps", "measure steps of resnet"}),
        ("metrics/hessian.py", {"measure sharpness"}),
        # readers
        ("datasets/readers/idx.py", {"prepare mnist"}),
        ("datasets/readers/sklearn_digits.py", {"prepare digits"}),
        ("datasets/readers/tar.py", {"prepare cifar10"}),
        ("datasets/readers/svhn.py", set()),
        ("datasets/loading.py", PREPARES - {"prepare monomial", "prepare disc"}),
        ("datasets/generators/chain_monomial.py", {"prepare monomial"}),
        ("datasets/generators/disc.py", {"prepare disc"}),
        ("datasets/generators/registry.py", set()),
        ("datasets/makers/text.py", set()),
        ("datasets/preparation.py", PREPARES),
        # entries and settings are values by the time they reach a job
        ("datasets/registry.py", set()),
        ("datasets/sources/mnist.py", set()),
        ("engine/optimizers/registry.py", set()),
        ("engine/schedules/registry.py", set()),
        ("engine/optimizing.py", set()),
        ("losses/registry.py", set()),
        ("networks/registry.py", set()),
        ("networks/initialization/registry.py", set()),
        ("networks/activations/registry.py", set()),
        ("networks/initialization/mean_field.py", set()),
        ("networks/initialization/laws.py", TRAININGS | MEASURES),
        ("engine/settings.py", set()),
        ("signals/registry.py", set()),
        ("metrics/registry.py", set()),
        ("networks/settings.py", set()),
        ("engine/modules.py", set()),
    ],
)
def test_an_edit_is_noticed_by_what_uses_it_and_by_nothing_else(edit, file, noticed):
    before = {name: ask() for name, ask in EVERY.items()}
    edit(file)
    changed = {name for name, ask in EVERY.items() if ask() != before[name]}
    assert changed == noticed


ADDED = {
    "optimizer": ("engine/optimizers/registry.py", "engine/optimizers/lion.py"),
    "schedule": ("engine/schedules/registry.py", "engine/schedules/linear.py"),
    "loss": ("losses/registry.py", "losses/huber.py"),
    "family": ("networks/registry.py", "networks/transformer.py"),
    "activation": ("networks/activations/registry.py", "networks/activations/swish.py"),
    "rule": ("networks/initialization/registry.py", "networks/initialization/orthogonal.py"),
    "source": ("datasets/registry.py", "datasets/sources/text.py"),
    "reader": ("datasets/registry.py", "datasets/readers/text.py"),
    "signal": ("signals/registry.py", "signals/moments.py"),
    "metric": ("metrics/registry.py", "metrics/moments.py"),
    "kernel": ("backends/attention.py", "backends/fused/attention.py"),
}


@pytest.mark.parametrize("kind", ADDED)
def test_an_added_entry_re_makes_nothing(edit, kind):
    before = {name: ask() for name, ask in EVERY.items()}
    table, module = ADDED[kind]
    edit(table, '\nADDED = "layeratlas.somewhere:entry"\n')
    edit(module, "VALUE = 1\n")
    assert {name: ask() for name, ask in EVERY.items()} == before


def test_every_entry_is_a_module_of_its_own_that_its_training_counts():
    rules = {name: entry.draw for name, entry in RULES.items()}
    optimizers = {name: entry.code for name, entry in OPTIMIZERS.items()}
    losses = {name: entry.code for name, entry in LOSSES.items()}
    for table, setting in ((optimizers, "optimizer"), (losses, "loss"), (rules, "rule")):
        modules = {name: entry.partition(":")[0] for name, entry in table.items()}
        assert len(set(modules.values())) == len(modules)
        for name, module in modules.items():
            entries = training_entries([run(**{setting: name})])
            used = {entry.partition(":")[0] for entry in entries}
            assert used & set(modules.values()) == {module}
    assert {entry.family.partition(":")[0] for entry in FAMILIES.values()}.isdisjoint(
        fingerprints.closure("layeratlas.runs", "layeratlas.runs.plan", "layeratlas.runs.sharding")
    )


def test_an_entry_that_is_edited_gives_its_data_set_another_identity(monkeypatch):
    before = {name: identity(name) for name in SOURCES}
    mnist = SOURCES["mnist"]
    monkeypatch.setitem(SOURCES, "mnist", type(mnist)(**{**vars(mnist), "n_test": 9_999}))
    changed = [name for name in SOURCES if identity(name) != before[name]]
    assert changed == ["mnist"]


@pytest.mark.parametrize("floor", ["plan", "run", "sharding", "ledger", "streams", "threads"])
def test_the_ground_floor_looks_up_to_no_other(floor):
    rooms = {name.split(".")[1] for name in fingerprints.closure(f"layeratlas.runs.{floor}")}
    assert rooms <= {"runs", "storage", "bounded", "temporaries", "errors", "words"}
