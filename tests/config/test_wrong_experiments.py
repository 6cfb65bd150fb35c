"""Values of experiments that are refused: of every key a wrong one, however large."""

from __future__ import annotations

import pytest
from made.documents import as_yaml
from made.refusals import GOOD, parsed
from made.refused import refusal, refusal_of_file

from layeratlas.config.experiment import load_experiment
from layeratlas.config.experiments import load_experiments
from layeratlas.config.presets import overlay

PROBE = "title: A probe\nkind: probe\ngrid: {depth: [4, 6]}\n"
CHAIN = "title: A chain\nkind: simulation\ngrid: {noise_strength: [0, 0.1]}\n"
SECOND = CHAIN + "chain: {order: second}\n"
FIT = "title: A fit\nkind: fit\nfit: {target: t, library: l}\n"

# YAML laid over a right experiment, and what the refusal says.
TRAINING_CASES = [
    ("kind: [training]", "kind: unknown ['training']; known: fit, "),
    ("kind: {training: 1}", "kind: unknown {'training': 1}"),
    ("kind: null", "kind: unknown None"),
    ("kind: 1", "kind: unknown 1"),
    ("kind: Training", "kind: unknown 'Training'"),
    ("kind: probe", "dataset: not a setting of an experiment of kind 'probe'"),
    ("title: null", "title: give the experiment a title (text), got None"),
    ("title: [A]", "title: give the experiment a title (text), got ['A']"),
    ("title: 1e3", "title: give the experiment a title (text), got 1000.0"),
    ("title: ' '", "title: give the experiment a title (text), got ' '"),
    ('title: "a\\nb"', "title: expected one line of at most 200 characters"),
    (f"title: {'x' * 201}", "title: expected one line of at most 200 characters, got 'xxxx"),
    (f"paper: {'x' * 201}", "paper: expected one line of at most 200 characters"),
    ("paper: 1", "paper: expected text, got 1"),
    ("summary: [a]", "summary: expected text, got ['a']"),
    ('template: "false"', "template: expected true or false, got 'false'"),
    ("template: 1", "template: expected true or false, got 1"),
    ("template: no", "template: expected true or false, got 'no'"),
    ("extends: [x]", "extends: expected an experiment's name, got ['x']"),
    ("extends: X", "extends: expected an experiment's name, got 'X'"),
    ("extends: x.yaml", "extends: expected an experiment's name, got 'x.yaml'"),
    (f"extends: {'x' * 4000}", "extends: expected an experiment's name, got 'xxxx"),
    ("presets: [smoke]", "presets: expected a mapping, got ['smoke']"),
    ("presets: {smoke: [1]}", "presets.smoke: expected a mapping, got [1]"),
    ("presets: {smoke: null}", "presets.smoke: expected a mapping, got None"),
    ("presets: {Smoke: {}}", "presets.Smoke: unknown key; did you mean 'smoke'?"),
    ("presets: {smoke: {presets: {}}}", "presets.smoke.presets: unknown key"),
    ("presets: {smoke: {title: A}}", "presets.smoke.title: unknown key"),
    ("seeds: null", "seeds: expected a number of seeds or a list of them, got None"),
    ("seeds: true", "seeds: expected a number of seeds or a list of them, got True"),
    ("seeds: 2.0", "seeds: expected a number of seeds or a list of them, got 2.0"),
    ("seeds: 1e3", "seeds: expected a number of seeds or a list of them, got 1000.0"),
    ("seeds: .inf", "seeds: expected a number of seeds or a list of them, got inf"),
    ("seeds: {from: 1, to: 3}", "seeds: expected a number of seeds or a list of them, got {'from"),
    ("seeds: -3", "seeds: expected at least 1, got -3"),
    ("seeds: []", "seeds: the list is empty"),
    ("seeds: [1, true]", "seeds[1]: expected an integer ≥ 0, got True"),
    ("seeds: [1, [2]]", "seeds[1]: expected an integer ≥ 0, got [2]"),
    ("seeds: [1, 2, 1]", "seeds[2]: the seed 1 appears twice"),
    ("seeds: 100001", "seeds: expected at most 100000 seeds, got 100001"),
    ("seeds: 9223372036854775807", "seeds: expected at most 100000 seeds, got 9223372036854775807"),
    ("seeds: 50001", "grid: 100002 runs (2 dropout, 50001 seeds); an experiment has at most 10000"),
    ("shard_size: null", "shard_size: expected an integer of at least 1, got None"),
    ("shard_size: true", "shard_size: expected an integer of at least 1, got True"),
    ("shard_size: 4611686018427387904", "shard_size: expected an integer of at most 100000"),
    ("checkpoints: null", "checkpoints: expected a list of moments or 'final'"),
    ("checkpoints: 3", "checkpoints: expected a list of moments or 'final'"),
    ("checkpoints: {}", "checkpoints: expected a list of moments or 'final'"),
    ("checkpoints: {every: 1, final: true}", "checkpoints: expected a list of moments"),
    ("checkpoints: {every: 1.0}", "checkpoints.every: expected an integer of at least 1, got 1.0"),
    ("checkpoints: {every: 99999999999}", "checkpoints.every: expected an integer of at most"),
    ("checkpoints: [[0]]", "checkpoints[0]: expected an integer ≥ 0 or 'final', got [0]"),
    ("checkpoints: [last]", "checkpoints[0]: expected an integer ≥ 0 or 'final', got 'last'"),
    ("checkpoints: [final, final]", "checkpoints[1]: final appears twice; keep one"),
    ("{training: {epochs: 10000000}, checkpoints: {every: 1}}",
     "checkpoints.every: 1 keeps 10000001 epochs of training.epochs 10000000, and a run keeps at "
     "most 20000; use at least 501"),
    ("{training: {epochs: 10000}, checkpoints: {every: 1}, seeds: 10000}",
     "checkpoints: 200020000 epochs are kept of all runs together, and at most 100000000 are"),
    ("grid: null", "grid: expected a mapping from axis to values, got None"),
    ("grid: dropout", "grid: expected a mapping from axis to values, got 'dropout'"),
    ("grid: {dropout: null}", "grid: empty"),
    ("grid: {dropout: {}}", "grid.dropout.from: expected a number, got None"),
    ("grid: {dropout: [[0.1]]}", "grid.dropout[0]: input should be a valid number"),
    ("grid: {dropout: [{}]}", "grid.dropout[0]: "),
    ("grid: {dropout: [null]}", "grid.dropout[0]: input should be a valid number; got None"),
    ("grid: {dropout: [.nan]}", "grid.dropout[0]: expected a finite number, got nan"),
    ("grid: {dropout: [0, .inf]}", "grid.dropout[1]: expected a finite number, got inf"),
    ("grid: {dropout: [0, 1.7e308]}", "grid.dropout[1]: input should be less than 1; got 1.7e+308"),
    ("grid: {dropout: [0.3, 0.30000000000000004]}",
     "grid.dropout[1]: 0.30000000000000004 is shown as 0.3, like value [0], 0.3; keep one"),
    ("grid: {dropout: [0.1, 0.2, 0.1000000001]}", "grid.dropout[2]: 0.1000000001 is shown as 0.1"),
    ("grid: {dropout: [0, 0.0]}", "grid.dropout[1]: the value 0.0 appears twice"),
    ("grid: {dropout: [0, -0.0]}", "grid.dropout[1]: the value -0.0 appears twice"),
    ("grid: {dropout: {from: 0, to: 0.5, points: 100000000}}",
     "grid.dropout: 100000000 values; an axis takes at most 100000"),
    ("grid: {width: {from: 1, to: 10000000}}", "grid.width: 10000000 values; an axis takes at mos"),
    ("grid: {dropout: {from: 0, to: 0.5, points: 1000}, negative_slope: {from: 0, to: 1, "
     "points: 1000}}", "grid: 1000000 runs (1000 dropout, 1000 negative_slope, 1 seeds)"),
    ("grid: {dropout: {from: 0, to: 0.5, points: 2, spacing: [log]}}", "grid.dropout.spacing: "),
    ("grid: {dropout: {from: -1.7e308, to: 1.7e308, points: 3}}", "grid.dropout: -1.7e+308 and 1."),
    ("grid: {dropout: {from: 5e-324, to: 1.7e308, points: 3, spacing: log}}", "too far apart"),
    ("grid: {dropout: {from: 0.5, to: 0.50000001, points: 9}}", "grid.dropout[1]: the value 0.5"),
    ("grid: {dropout: {from: a, to: b}}", "grid.dropout.from: expected a number, got 'a'"),
    ("grid: {drop_out: [0]}", "grid.drop_out: unknown axis; did you mean 'dropout'? known: "),
    (f"grid: {{{'x' * 500}: [0]}}", "unknown axis; known: "),
    ("grid: {seeds: [1]}", "grid.seeds: unknown axis"),
    ("grid: {model: [{}]}", "grid.model: a group of settings is no axis; its own are: "),
    ("grid: {training: [{}]}", "grid.training: a group of settings is no axis; its own are: "),
    ("grid: {optimizer: [adam, [sgd]]}", "grid.optimizer[1]: "),
    ("grid: {batch_norm: [true, 'true']}", "grid.batch_norm[1]: input should be a valid boolean"),
    ("grid: {width: [8, 8.0]}", "grid.width[1]: input should be a valid integer"),
    ("grid: {width: [8, 1e1]}", "grid.width[1]: input should be a valid integer"),
    ("grid: {size: [8, null, 'null']}", "grid.size[2]: input should be a valid integer"),
    ("grid: {static_label_noise: [0.1]}", "grid.static_label_noise: unknown axis"),
    ("{model: {family: residual_mlp}, grid: {dropout: null, branch_rule: ['1/L', '1 / L']}}",
     "grid.branch_rule[1]: '1 / L' is shown as 1/L, like value [0], '1/L'"),
    (f"{{model: {{family: residual_mlp, batch_norm: false, branch_scale: '{'1' * 4000}/L'}}}}",
     "branch_scale must "),
    ("model: null", "model: expected a mapping, got None"),
    ("model: {family: third}",
     "model.family: unknown 'third'; known: mlp, residual_mlp, block_cnn"),
    ("model: {family: resnet}", "model.family: 'resnet' is called 'residual_mlp' now"),
    ("grid: {family: [mlp, cnn]}", "grid.family[1]: 'cnn' is called 'block_cnn' now"),
    ("model: {family: [mlp]}", "model.family: "),
    ("model: {family: null}", "model.family: unknown None"),
    ("model: {family: {mlp: 1}}", "model.family: "),
    (f"model: {{family: {'x' * 4000}}}", "model.family: unknown 'xxxx"),
    ("model: {width: 1e3}", "model.width: input should be a valid integer; got 1000.0"),
    ("model: {width: true}", "model.width: input should be a valid integer; got True"),
    ("model: {width: 9223372036854775807}", "model.width: input should be less than or equal to"),
    ("model: {width: [8]}", "model.width: input should be a valid integer; got [8]"),
    (f"model: {{{'y' * 200}: 1}}", "yyy: unknown key; known: "),
    ("{a_1: 1, model: {a: 1}}", "a_1: unknown key"),
    ("model: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1}", "model.a: unknown key"),
    ("model: {width: 1000000, depth: 2000}",
     "model.depth 2000, model.width 1000000, dataset.size None: a job needs about "),
    ("{model: {family: block_cnn, channels: 1000000, depth: 20, dropout: 0}, grid: {dropout: [0]}}",
     "model.width: unknown key"),
    ("dataset: {size: 10001}", "dataset.size: input should be less than or equal to 10000"),
    ("{dataset: {source: mnist, n_train: 4000, size: 10000}}",
     "dataset.size 10000, dataset.n_train 4000: a job needs about 5.1 TiB of memory, most of it "
     "for images; at most 4 TiB are taken"),
    ("dataset: {source: [digits]}", "dataset.source: input should be a valid string"),
    (f"dataset: {{source: {'x' * 4000}}}", "dataset.source: there is no data set called 'xxxx"),
    ("dataset: {n_train: 1000000000000}", "dataset.n_train: input should be less than or equal to"),
    ("dataset: {n_test: 0}", "dataset.n_test: input should be greater than or equal to 1; got 0"),
    ("dataset: {subset_seed: -1}", "dataset.subset_seed: input should be greater than or equal"),
    ("training: {batch_size: true}", "training.batch_size: "),
    ("training: {batch_size: Full}", "training.batch_size: input should be a valid integer or 'fu"),
    ("training: {batch_size: 9223372036854775807}", "training.batch_size 9223372036854775807 is"),
    ("training: {epochs: 9223372036854775807}", "training.epochs: input should be less than or"),
    ("training: {epochs: -1}", "training.epochs: input should be greater than or equal to 0"),
    ("training: {learning_rate: 5e-324}", "training.learning_rate: input should be greater than o"),
    ("training: {learning_rate: 1e308}", "training.learning_rate: input should be less than or eq"),
    ("training: {learning_rate: '1e-3'}", "training.learning_rate: input should be a valid number"),
    ("training: {eps: 1e308}", "training.eps: input should be less than or equal to 1"),
    ("training: {beta1: 1}", "training.beta1: input should be less than 1"),
    ("training: {early_stop: false}", "training.early_stop: input should be a "),
    ("training: {early_stop: {loss_below: 1e308}}", "training.early_stop.loss_below: input should"),
    ("grid: {loss_below: [1e308]}", "grid.loss_below[0]: input should be less than or equal to 1e"),
    ("scaling: null", "scaling: expected a mapping, got None"),
    ("scaling: {}", "scaling.name: missing; it has no default"),
    ("scaling: {name: null}", "scaling.name: input should be 'ntk'"),
    ("dtype: [float32]", "dtype: input should be 'float32' or 'float64'; got ['float32']"),
    ("noise: {kind: Fresh}", "noise.kind: input should be 'fresh' or 'static'; got 'Fresh'"),
    ("noise: {data_noise: [0.1]}", "noise.label_noise: input should be a valid number; got [0.1]"),
    ("measure: [data_separation]", "measure: expected a mapping, got ['data_separation']"),
    ("measure: {metrics: []}", "measure.metrics: "),
    ("measure: {metrics: [1]}", "measure.metrics.0: input should be a valid string; got 1"),
    ("measure: {metrics: [[a]]}", "measure.metrics.0: input should be a valid string; got ['a']"),
    (f"measure: {{metrics: [{'x' * 4000}]}}", "measure.metrics[0]: unknown metric 'xxxx"),
    ("measure: {metrics: [data_separation, data_separation]}", "measure.metrics[1]: 'data_separat"),
    ("measure: {batch_norm_modes: [batch_statistics, batch_statistics]}", "a mode appears twice i"),
    ("chain: {order: first}", "chain: not a setting of an experiment of kind 'training'"),
    ("fit: {target: x}", "fit: not a setting of an experiment of kind 'training'"),
    # What no preset has, for each replaces it.
    ("{model: deep, presets: {smoke: {model: {}}, laptop: {model: {}}, paper: {model: {}}}}",
     "model: expected a mapping, got 'deep'"),
    ("{model: {width: -8}, presets: {smoke: {model: {width: 1}}, laptop: {model: {width: 2}}, "
     "paper: {model: {width: 3}}}}", "model.width: input should be greater than or equal to 1"),
    ("{dtype: half, presets: {smoke: {dtype: float32}, laptop: {dtype: float32}, paper: "
     "{dtype: float64}}}", "dtype: input should be 'float32' or 'float64'; got 'half'"),
    ("{noise: {data_noise: 7}, presets: {smoke: {noise: {data_noise: 0}}, laptop: {noise: "
     "{data_noise: 0}}, paper: {noise: {data_noise: 0}}}}",
     "noise.data_noise: input should be less than or equal to 1; got 7"),
    ("{measure: {step_images: 0}, presets: {smoke: {measure: {step_images: 1}}, laptop: {measure: "
     "{step_images: 1}}, paper: {measure: {step_images: 1}}}}", "measure.step_images: input shoul"),
    ("{grid: {dropout: [2]}, presets: {smoke: {grid: {dropout: [0]}}, laptop: {grid: {dropout: "
     "[0]}}, paper: {grid: {dropout: [0]}}}}", "grid.dropout[0]: input should be less than 1; got"),
    ("{grid: {nosuch: [2]}, presets: {smoke: {grid: {nosuch: null}}, laptop: {grid: {nosuch: "
     "null}}, paper: {grid: {nosuch: null}}}}", "grid.nosuch: unknown axis"),
    ("{seeds: 0, presets: {smoke: {seeds: 1}, laptop: {seeds: 1}, paper: {seeds: 1}}}",
     "seeds: expected at least 1, got 0"),
    ("{checkpoints: 7, presets: {smoke: {checkpoints: [0]}, laptop: {checkpoints: [0]}, paper: "
     "{checkpoints: [0]}}}", "checkpoints: expected a list of moments"),
    ("{shard_size: x, presets: {smoke: {shard_size: 1}, laptop: {shard_size: 1}, paper: "
     "{shard_size: 1}}}", "shard_size: expected an integer of at least 1, got 'x'"),
]  # fmt: skip

OTHER_CASES = [
    (PROBE, "probe: {step: 5e-324}", "probe.step: input should be greater than or equal to 1e-12"),
    (PROBE, "probe: {step: .inf}", "probe.step: expected a finite number, got inf"),
    (PROBE, "probe: {samples: 100000000}", "probe.samples: input should be less than or equal to"),
    (PROBE, "probe: {target: normally}", "probe.target: "),
    (PROBE, "probe: {input_seed: -1}", "probe.input_seed: input should be greater than or equal"),
    (PROBE, "model: {n_inputs: 1000001}", "model.n_inputs: input should be less than or equal to"),
    (PROBE, "{model: {width: 1000000}, grid: {depth: [100000]}}",
     "model.depth 100000, model.width 1000000, model.n_inputs 10: a job needs about 178 PiB of "
     "memory, most of it for weights; at most 4 TiB are taken"),
    (PROBE, "{grid: {depth: {from: 3, to: 100000}}, seeds: 2}", "grid: 199996 runs (99998 depth,"),
    (PROBE, "grid: {scaling: [null, 'null']}", "grid.scaling[1]: input should be 'ntk'"),
    (PROBE, "grid: {target: [1, normal, '1.0']}", "grid.target[2]: "),
    (PROBE, "measure: {metrics: [data_separation]}", "measure: not a setting of an experiment of"),
    (CHAIN, "chain: {order: third}", "chain.order: unknown 'third'; known: first, second"),
    (CHAIN, "chain: {order: [first]}", "chain.order: "),
    (CHAIN, "chain: {order: null}", "chain.order: unknown None; known: first, second"),
    (CHAIN, "chain: {order: 1}", "chain.order: unknown 1; known: first, second"),
    (CHAIN, "chain: null", "chain: expected a mapping, got None"),
    (CHAIN, "grid: {order: [first, third]}", "grid.order[1]: unknown 'third'; known: first, secon"),
    (CHAIN, "grid: {order: [third, first]}", "grid.order[0]: unknown 'third'; known: first, secon"),
    (CHAIN, "grid: {order: [[first]]}", "grid.order[0]: "),
    (CHAIN, "{chain: {order: third}, grid: {order: [first, second]}}", "chain.order: unknown 'thi"),
    (CHAIN, "{chain: {order: third}, grid: {order: [third]}}", "order"),
    (CHAIN, "{chain: {order: third}, grid: {length: [3], mass: [1]}}", "chain.order: unknown 'thi"),
    (CHAIN, "chain: {steps: 9223372036854775807}", "chain.steps: input should be less than or equ"),
    (CHAIN, "chain: {stiffness: 5e-324}", "chain.stiffness: input should be greater than or equal"),
    (CHAIN, "chain: {stiffness: 1e308}", "chain.stiffness: input should be less than or equal to"),
    (CHAIN, "chain: {target: 1e308}", "chain.target: input should be less than or equal to 1e+12"),
    (CHAIN, "chain: {friction_left: 1e308}", "chain.friction_left: input should be less than or e"),
    (CHAIN, "chain: {mass: 1}", "chain.mass: unknown key; known: "),
    (CHAIN, "{chain: {steps: 1000000000}, checkpoints: {every: 1}}", "keeps 1000000001 steps of "),
    (CHAIN, "{chain: {length: 10000, steps: 20000}, checkpoints: {every: 2}, seeds: 4000, "
     "shard_size: 8000}", "chain.length 10000, shard_size 8000 with 10001 steps kept of each run"),
    (CHAIN, "grid: {friction: [0.1], friction_left: [0.2]}", "grid: axes 'friction' and 'friction"),
    (CHAIN, "grid: {noise_strength: [1e13]}", "grid.noise_strength[0]: input should be less than"),
    (SECOND, "chain: {damping: 1e200}", "chain.damping: input should be less than or equal to 1e+"),
    (SECOND, "chain: {mass: 1e-300}", "chain.mass: input should be greater than or equal to 1e-12"),
    (SECOND, "chain: {stiffness: 1e12}", "chain: step_size 0.05 is too l"),
    (SECOND, "chain: {common_noise: 1}", "chain.common_noise: input should be a valid boolean"),
    (FIT, "fit: {target: [t]}", "fit.target: input should be a valid string; got ['t']"),
    (FIT, "fit: {target: null}", "fit.target: input should be a valid string; got None"),
    (FIT, "fit: {quantity: both}", "fit.quantity: input should be 'load_curve' or 'trajectory'"),
    (FIT, f"fit: {{target: {'x' * 4000}}}", "fit.target: 'xxxx"),
    (FIT, "fit: {target: ../t}", "fit.target: '../t' is no training experiment; there are: "),
    (FIT, "grid: {dropout: [0]}", "grid: an experiment of kind 'fit' has none of its own"),
    (FIT, "seeds: 3", "seeds: an experiment of kind 'fit' has none of its own"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"), TRAINING_CASES, ids=[c[:60] for c, _ in TRAINING_CASES]
)
def test_trainings(tmp_path, changes, told):
    content = as_yaml(overlay(parsed(GOOD), parsed(changes)))
    assert told in refusal_of_file(tmp_path, content)


@pytest.mark.parametrize(
    ("base", "changes", "told"), OTHER_CASES, ids=[c[1][:60] for c in OTHER_CASES]
)
def test_probes_chains_and_fits(tmp_path, base, changes, told):
    if base is FIT:
        (tmp_path / "t.yaml").write_text(GOOD)
        (tmp_path / "l.yaml").write_text(
            CHAIN.replace("noise_strength", "friction_right: [0.1], noise_strength")
        )
    content = as_yaml(overlay(parsed(base), parsed(changes)))
    assert told in refusal_of_file(tmp_path, content)


def test_there_are_enough():
    assert len(TRAINING_CASES) + len(OTHER_CASES) >= 150


# --- templates, and what extends them ----------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ("model: {width: -8}", "model.width: input should be greater than or equal to 1; got -8"),
        ("model: {widht: 8}", "model.widht: unknown key; did you mean 'width'?"),
        ("model: deep", "model: expected a mapping, got 'deep'"),
        ("grid: {dropout: [2]}", "grid.dropout[0]: input should be less than 1; got 2"),
        (
            "presets: {paper: {training: {epochs: x}}}",
            "presets.paper.training.epochs: input should",
        ),
        ("noise: {data_noise: x}", "noise.data_noise: input should be a valid number; got 'x'"),
        ("dataset: {source: nosuch}", "dataset.source: there is no data set called 'nosuch'"),
        ("chain: {order: first}", "chain: not a setting of an experiment of kind 'training'"),
    ],
)
def test_a_template_is_looked_at_though_nothing_extends_it(tmp_path, changes, told):
    content = "template: true\n" + as_yaml(overlay(parsed(GOOD), parsed(changes)))
    assert told in refusal_of_file(tmp_path, content)


def test_what_a_file_replaces_of_another_is_looked_at(tmp_path):
    (tmp_path / "base.yaml").write_text("template: true\n" + GOOD + "shard_size: 3\n")
    (tmp_path / "x.yaml").write_text("extends: base\ntitle: B\nmodel: {width: 9}\n")
    load_experiments("smoke", tmp_path)
    (tmp_path / "base.yaml").write_text("template: true\n" + GOOD.replace("width: 8", "width: -8"))
    message = refusal(lambda: load_experiment("x", "smoke", tmp_path))
    assert message.startswith(f"{tmp_path / 'base.yaml'}: model.width: ")


def test_what_is_right_beside_others_is_right(tmp_path):
    """Replaced values of another family, and batches of a larger data set, are no mistakes."""
    (tmp_path / "x.yaml").write_text(
        "title: A\ndataset: {source: digits, n_train: 1000}\nmodel: {channels: 4}\n"
        "training: {batch_size: 900}\ngrid: {dropout: [0, 0.5]}\npresets:\n"
        + "".join(
            f"  {preset}: {{model: {{family: block_cnn, channels: {i}}}, dataset: {{n_train: 64}}, "
            "training: {batch_size: 32}, grid: {dropout: [0.1]}}\n"
            for i, preset in enumerate(("smoke", "laptop", "paper"), 2)
        )
    )
    assert load_experiment("x", "smoke", tmp_path).settings["model"]["channels"] == 2


def test_the_largest_grid_is_planned(tmp_path):
    (tmp_path / "x.yaml").write_text(PROBE + "seeds: 50000\n")
    assert len(load_experiment("x", "smoke", tmp_path).seeds) == 50_000
