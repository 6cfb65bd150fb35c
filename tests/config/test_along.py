"""Settings that follow an axis: each run has its own, as a file that fixes them would give it."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.errors import ConfigError

TEXT = """
title: A grid
dataset: {source: digits, n_train: 64}
model: {depth: 3, width: 8, batch_norm: false}
training: {epochs: 5, batch_size: 32}
seeds: [3, 1]
"""


@pytest.fixture
def load(tmp_path: Path):
    """`load(text, preset)`: the experiment of `TEXT` and what is written after it."""

    def call(text: str, preset: str = "smoke", name: str = "x"):
        (tmp_path / f"{name}.yaml").write_text(text if "extends" in text else TEXT + text)
        return load_experiment(name, preset, tmp_path)

    return call


def test_a_run_is_the_one_that_fixed_settings_give(load):
    along = {3: (0.005, 16), 5: (0.01, 8)}
    text = "along: {depth: {learning_rate: {5: 1.0e-2, 3: 5.0e-3}, width: {3: 16, 5: 8}}}"
    together = expand(load(f"grid: {{depth: [5, 3], dropout: [0, 0.1]}}\n{text}"))
    for depth, (rate, width) in along.items():
        for dropout in (0.0, 0.1):
            fixed = load(
                f"grid: {{depth: [{depth}], dropout: [{dropout}], width: [{width}], "
                f"learning_rate: [{rate}]}}"
            )
            alone = {run.id for run in expand(fixed)}
            at = {"depth": depth, "dropout": dropout}
            found = [r for r in together if at.items() <= r.coordinates.items()]
            assert {run.id for run in found} == alone and len(alone) == 2
    # No dimension of its own.
    assert set(together[0].coordinates) == {"depth", "dropout", "seed"}


def test_values_are_typed_and_told_in_the_order_of_the_axis(load):
    experiment = load(
        "grid: {depth: [5, 3]}\nalong: {depth: {learning_rate: {3: 1, 5: 0.5, 9: 2}}}"
    )
    assert experiment.along == {"depth": {"learning_rate": {5: 0.5, 3: 1.0}}}
    told = describe(experiment, expand(experiment))["description"]["along"]["learning_rate"]
    assert (told["axis"], told["values"]) == ("depth", [0.5, 1.0])
    assert all(type(value) is float for value in told["values"])


def test_an_experiment_without_it_is_described_as_before(load):
    experiment = load("grid: {depth: [5, 3]}")
    assert "along" not in describe(experiment, expand(experiment))["description"]


@pytest.mark.parametrize(
    ("axis", "values", "follows"),
    [
        ("activation", "[tanh, relu]", "{tanh: 0.1, relu: 0.2}"),
        ("bias", "[true, false]", "{true: 0.1, false: 0.2}"),
        ("output_bias", "[null, false]", "{null: 0.1, false: 0.2}"),
        ("weight_decay", "[0, 0.5]", "{0: 0.1, 5.0e-1: 0.2}"),
    ],
)
def test_any_axis_may_be_followed(load, axis, values, follows):
    runs = expand(
        load(f"grid: {{{axis}: {values}}}\nalong: {{{axis}: {{learning_rate: {follows}}}}}")
    )
    assert [run.settings["training"]["learning_rate"] for run in runs] == [0.1, 0.1, 0.2, 0.2]


def test_lengths_and_records_follow_too(load):
    experiment = load("grid: {depth: [3, 4]}\nalong: {depth: {epochs: {3: 2, 4: 6}}}\n"
                      "checkpoints: [0, final]")  # fmt: skip
    assert {run.checkpoints for run in expand(experiment)} == {(0, 2), (0, 6)}


def test_free_settings_are_of_one_sort_as_their_coordinate(load):
    """1 is the gain's default, which plain settings leave out; as an axis it is no other."""
    model = "\nmodel: {width: 8, batch_norm: false, initialization: xavier_uniform}\n"
    text = TEXT.replace("model:", "summary: no model here\n#") + model
    experiment = load(
        f"extends: null{text}grid: {{depth: [3, 4]}}\n"
        "along: {depth: {model_initialization_settings_gain: {3: 1, 4: 0.5}}}"
    )
    (values,) = experiment.along["depth"].values()
    assert values == {3: 1.0, 4: 0.5} and {type(value) for value in values.values()} == {float}
    axis = load(
        f"extends: null{text}grid: {{model_initialization_settings_gain: [1, 0.5]}}", name="y"
    )
    assert axis.grid == {"model_initialization_settings_gain": (1.0, 0.5)}
    gains = [run.settings["model"].get("initialization_settings") for run in expand(axis)]
    assert gains == [None, None, {"gain": 0.5}, {"gain": 0.5}]


def test_presets_and_files_that_extend_lay_theirs_over_and_take_away(load):
    text = (
        "grid: {depth: [3, 4]}\n"
        "along: {depth: {learning_rate: {3: 0.1, 4: 0.2}, width: {3: 4, 4: 5}}}\n"
        "presets: {smoke: {grid: {depth: [6]}, "
        "along: {depth: {width: null, learning_rate: {6: 0.6}}}}}"
    )
    assert load(text, "laptop").along["depth"]["width"] == {3: 4, 4: 5}
    assert load(text, "smoke").along == {"depth": {"learning_rate": {6: 0.6}}}
    child = "extends: x\ntitle: B\ngrid: {depth: null, dropout: [0]}\nalong: {depth: null}\n"
    child += "presets: {smoke: {along: {depth: null}, grid: {depth: null}}}"
    assert load(child, "laptop", "y").along == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("along: {}", None),
        ("along: {depth: {width: {}}}", "expected a mapping from values of depth to values of"),
        ("along: {depth: 3}", "along.depth: expected a mapping from setting to its values, got 3"),
        ("along: 3", "along: expected a mapping such as"),
        ("along: {depth: {width: {3: 4.5, 4: 8}}}", "along.depth.width.3: input should be a valid"),
        ("along: {depth: {width: {3: '8', 4: 8}}}", "along.depth.width.3: expected a number, got"),
        ("along: {depth: {width: {3: .inf, 4: 8}}}", "along.depth.width.3: expected a finite"),
        ("along: {depth: {depth: {3: 8, 4: 8}}}", "model.depth is set by the axis 'depth'; keep"),
        (
            "along: {depth: {data_noise: {3: 0, 4: 0}, label_noise: {3: 0, 4: 0}}}",
            "noise.label_noise is set by along.depth.data_noise; keep one",
        ),
        ("along: {depth: {width: {'3': 8, 4: 8}}}", "none is given for depth 3; give one"),
        ("along: {depth: {width: {3: 8, 3: 8}}}", "the key '3' appears twice; keep one"),
        ("along: {seed: {width: {3: 8}}}", "along.seed: the grid has no such axis"),
        ("along: {depth: {early_stop: {3: 8, 4: 8}}}", "early_stop: unknown setting;"),
        ("noise: {3: 8}", "the key 3 is no text; keys are names"),
        ("along: {3: {width: {3: 8}}}", "the key 3 is no text; keys are names"),
        (
            "presets: {paper: {along: {depth: {width: {3: 0, 4: 8}}}}}",
            "(preset paper): along.depth.width.3: input should be greater",
        ),
        (
            "along: {depth: {width: {77: 0, 3: 8, 4: 8}}}",
            "along.depth.width.77: input should be greater than or equal to 1; got 0",
        ),
        (
            "along: {depth: {batch_size: {3: 65, 4: 8}}}",
            "grid.depth[0]: training.batch_size 65 is larger than the training set",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(load, text, told):
    if told is None:
        assert load(f"grid: {{depth: [3, 4]}}\n{text}").along == {}
        return
    with pytest.raises(ConfigError) as error:
        load(f"grid: {{depth: [3, 4]}}\n{text}")
    assert told in str(error.value)
    assert len(str(error.value)) <= 380 + len(str(error.value).split("x.yaml")[0])


def test_a_kind_without_a_grid_has_nothing_to_follow(load):
    with pytest.raises(ConfigError, match="along: an experiment of kind 'reduction' has none"):
        load(
            "extends: null\ntitle: A\nkind: reduction\n"
            "reduction: {function: difference, of: [a, b]}\nalong: {depth: {width: {3: 8}}}"
        )
