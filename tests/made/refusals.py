"""Wrong experiment files, and the sentence that each of them gets."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from layeratlas.config.presets import overlay
from made.documents import as_yaml

GOOD = """
title: A small grid
dataset: {source: digits, n_train: 64}
model: {depth: 3, width: 8}
training: {epochs: 5, batch_size: 32}
grid: {dropout: [0, 0.1]}
"""


class Case(NamedTuple):
    """A wrong experiment: YAML laid over `GOOD`, or the whole file, and the error it gets."""

    what: str
    yaml: str
    error: str
    whole: bool = False


CASES = [
    Case("unknown key", "titel: A grid", "titel: unknown key; did you mean 'title'? known: …"),
    Case(
        "unknown key inside",
        "training: {epoch: 5}",
        "training.epoch: unknown key; did you mean 'epochs'? known: …",
    ),
    Case(
        "unknown key, two levels down",
        "training: {early_stop: {loss_bellow: 0.1}}",
        "training.early_stop.loss_bellow: unknown key; did you mean 'loss_below'? known: …",
    ),
    Case(
        "unknown preset in the file",
        "presets: {laptob: {seeds: 2}}",
        "presets.laptob: unknown key; did you mean 'laptop'? known: …",
    ),
    Case(
        "unknown key in a preset",
        "presets: {paper: {sedes: 2}}",
        "presets.paper.sedes: unknown key; did you mean 'seeds'? known: …",
    ),
    Case(
        "wrong in another preset than today's",
        "presets: {paper: {seeds: 0}}",
        "presets.paper.seeds: expected at least 1, got 0",
    ),
    Case(
        "wrong together with another preset than today's",
        "presets: {paper: {training: {batch_size: 65}}}",
        "(preset paper): training.batch_size 65 is larger than the training set (dataset.n_train "
        "64); use at most 64, or 'full'",
    ),
    Case("text for a mapping", "model: deep", "model: expected a mapping, got 'deep'"),
    Case(
        "number written as text",
        "model: {depth: '3'}",
        "model.depth: input should be a valid integer; got '3'",
    ),
    Case(
        "fraction for a count",
        "model: {depth: 3.5}",
        "model.depth: input should be a valid integer; got 3.5",
    ),
    Case(
        "true for a number",
        "model: {dropout: true}",
        "model.dropout: input should be a valid number; got True",
    ),
    Case(
        "unknown scaling",
        "scaling: {name: fcs}",
        "scaling.name: input should be 'ntk', 'mf_mup', 'fsc', 'mup', 'resnet_fsc', 'default', "
        "'kaiming' or 'fsc_auto'; got 'fcs'",
    ),
    Case(
        "scaling of another family",
        "{scaling: {name: resnet_fsc}, model: {batch_norm: false}, training: {optimizer: sgd}}",
        "scaling.name: scaling 'resnet_fsc' is not defined for architecture 'mlp'; use one of ntk, "
        "mf_mup, fsc, mup, default, kaiming",
    ),
    Case(
        "calibration of a family that has none",
        "title: A\ndataset: {source: digits, n_train: 64}\nmodel: {family: block_cnn}\n"
        "scaling: {name: fsc_auto}\ngrid: {dropout: [0]}",
        "scaling.name 'fsc_auto' is not defined for model.family 'block_cnn'; use one of default, "
        "kaiming",
        whole=True,
    ),
    Case(
        "scaling of a shallow network",
        "{scaling: {name: fsc}, model: {depth: 2}}",
        "model.depth 2 is too small for a scaling, which tells input, hidden and output matrices "
        "apart; use at least 3",
    ),
    Case(
        "scaling under batch norm",
        "{scaling: {name: fsc}, training: {optimizer: sgd}}",
        "model.batch_norm true undoes the scaling 'fsc' of the weights; use false, or one of the "
        "scalings default, kaiming",
    ),
    Case(
        "scaling with adam",
        "{scaling: {name: fsc}, model: {batch_norm: false}}",
        "training.optimizer 'adam' does not go with scaling 'fsc', whose learning rates are for "
        "gradient descent; use 'sgd' or 'scale_invariant_sgd'",
    ),
    Case(
        "scaling and an initialization",
        "{scaling: {name: kaiming}, model: {initialization: kaiming_normal}}",
        "model.initialization 'kaiming_normal' has no effect beside a scaling, which draws the "
        "weights itself; leave it out",
    ),
    Case(
        "more calibration images than there are",
        "{scaling: {name: fsc_auto, calibration_images: 65}, model: {batch_norm: false}, "
        "training: {optimizer: sgd}}",
        "scaling.calibration_images 65 is more than dataset.n_train 64; use at most 64",
    ),
    Case(
        "branch scale above 1",
        "model: {family: residual_mlp, branch_scale: 1.5}",
        "model: branch_scale must lie in [0, 1], not 1.5",
    ),
    Case(
        "branch scale of no rule",
        "model: {family: residual_mlp, branch_scale: 1/m}",
        "model: branch_scale must be a number or a rule such as '1/L', '0.5/sqrt(L)' or '1', not "
        "'1/m'",
    ),
    Case(
        "family by the name that it had",
        "model: {family: cnn}",
        "model.family: 'cnn' is called 'block_cnn' now",
    ),
    Case(
        "dropout in a residual network",
        "model: {family: residual_mlp, dropout: 0.1}",
        "model: dropout is not offered by family 'residual_mlp'; leave it out or give 0; got "
        "dropout 0.1",
    ),
    Case(
        "step of a network that is not in evaluation mode",
        "measure: {metrics: [sensitivity], batch_norm_modes: [batch_statistics]}",
        "measure.metrics[0]: 'sensitivity' is of a network in evaluation mode; add "
        "'running_statistics' to measure.batch_norm_modes",
    ),
    Case(
        "more images for a step than there are",
        "measure: {step_images: 65}",
        "measure.step_images: 65 is more than dataset.n_train 64; use at most 64, or null for all",
    ),
    Case(
        "more images in a view than there are",
        "measure: {views: {few: {images: 65}}}",
        "measure.views.few.images: 65 is more than dataset.n_train 64; use at most 64, or null for "
        "all",
    ),
    Case(
        "view of a split that nothing trains on",
        "measure: {views: {held_out: {split: test, targets: trained}}}",
        "measure.views.held_out.targets: nothing is trained on the test split, whose targets are "
        "'clean'",
    ),
    Case(
        "more images of a class in a view than some class has",
        "measure: {views: {some: {per_class: 7}}}",
        "measure.views.some.per_class: 7 is more than some class of 10 among dataset.n_train 64 "
        "images has; use at most 6",
    ),
    Case(
        "view of changed labels where nothing changes them",
        "measure: {views: {hard: {labels: changed}}}",
        "measure.views.hard.labels: 'changed' needs labels that static noise changed, and noise is "
        "fresh with label_noise 0; give noise: {kind: static, label_noise: 0.5}, or 'all'",
    ),
    Case(
        "view of test images with changed labels",
        "measure: {views: {hard: {split: test, labels: changed}}}",
        "measure.views.hard.labels: static noise is on training labels, so that test images are "
        "'all', not 'changed'",
    ),
    Case(
        "alignment of one example",
        "measure: {metrics: [alignment], views: {one: {images: 1}}}",
        "measure.metrics[0]: 'alignment' compares examples, and measure.views.one has 1; give it "
        "at least 2 images",
    ),
    Case(
        "alignment of one example where no views are asked for",
        "{dataset: {n_train: 1}, model: {batch_norm: false}, training: {batch_size: 1}, "
        "measure: {metrics: [network_alignment]}}",
        "measure.metrics[0]: 'network_alignment' compares examples, and dataset.n_train has 1; "
        "give it at least 2 images",
    ),
    Case(
        "kernels of a network of one map",
        "{measure: {metrics: [forward_correlation]}, model: {depth: 1}}",
        "measure.metrics[0]: 'forward_correlation' compares affine maps of a network, and "
        "model.depth 1 has 1; use at least 2",
    ),
    Case(
        "kernel that is too large to be kept whole",
        "{dataset: {source: mnist, n_train: 9000}, measure: {metrics: [network_alignment]}}",
        "measure.metrics[0]: 'network_alignment' keeps a kernel whole, and of dataset.n_train 9000 "
        "images and 10 outputs it takes 30 GiB, more than 4 GiB; use at most 3276 images, or "
        "metrics of maps such as 'alignment', whose kernels go by in blocks",
    ),
    Case(
        "views beside what they replace",
        "measure: {views: {few: {images: 8}}, step_images: 8}",
        "measure.step_images: measure.views says what is looked at; give either it or them",
    ),
    Case(
        "number for true or false",
        "model: {batch_norm: 1}",
        "model.batch_norm: input should be a valid boolean; got 1",
    ),
    Case(
        "infinite number",
        "training: {eps: .inf}",
        "training.eps: expected a finite number, got inf",
    ),
    Case(
        "not a number",
        "training: {learning_rate: .nan}",
        "training.learning_rate: expected a finite number, got nan",
    ),
    Case(
        "grid of test samples that is not square",
        "dataset: {source: disc, n_test: 24, settings: {test_grid: true}}",
        "dataset: n_test: 24 test samples make no square grid, which settings.test_grid asks for; "
        "16 or 25 do; got settings {'test_grid': True}",
    ),
    Case(
        "noise above 1",
        "noise: {label_noise: 1.5}",
        "noise.label_noise: input should be less than or equal to 1; got 1.5",
    ),
    Case(
        "noise below 0, on an axis",
        "grid: {data_noise: [0, -0.1]}",
        "grid.data_noise[1]: input should be greater than or equal to 0; got -0.1",
    ),
    Case(
        "noise said twice",
        "noise: {data_noise: 0.1, label_noise: 0.2}",
        "noise.data_noise sets label_noise and input_noise at once; give either it or them",
    ),
    Case(
        "static noise under `dataset`",
        "dataset: {static_label_noise: 0.3}",
        "dataset.static_label_noise 0.3: static noise is asked for under `noise`, e.g. "
        "{kind: static, label_noise: 0.3}",
    ),
    Case(
        "unknown data set",
        "dataset: {source: digit}",
        "dataset.source: there is no data set called 'digit'. Did you mean 'digits'? Data sets: …",
    ),
    Case(
        "more images than there are",
        "dataset: {n_train: 5000}",
        "dataset: n_train = 5000 is more than digits has: 1797 images in all. "
        "Use n_train of at most 1797",
    ),
    Case(
        "batch larger than the training set",
        "training: {batch_size: 65}",
        "training.batch_size 65 is larger than the training set (dataset.n_train 64); "
        "use at most 64, or 'full'",
    ),
    Case(
        "values right alone, wrong together",
        "{training: {batch_size: full}, grid: {n_train: [64, 16], batch_size: [32]}}",
        "grid at dropout=0.0, n_train=16, batch_size=32: training.batch_size 32 is larger than the "
        "training set (dataset.n_train 16); use at most 16, or 'full'",
    ),
    Case(
        "batch of no number",
        "training: {batch_size: half}",
        "training.batch_size: input should be a valid integer or 'full'; got 'half'",
    ),
    Case(
        "batch below 1",
        "training: {batch_size: -3}",
        "training: batch_size must be at least 1, or 'full'; got batch_size -3",
    ),
    Case(
        "momentum with adam",
        "training: {momentum: 0.9}",
        "training: momentum belongs to optimizer 'sgd'; 'adam' takes beta1, beta2, eps, "
        "weight_decay; got momentum 0.9",
    ),
    Case(
        "momentum axis with adam",
        "grid: {momentum: [0, 0.9]}",
        "grid.momentum[1]: momentum belongs to optimizer 'sgd'; 'adam' takes beta1, beta2, "
        "eps, weight_decay; got 0.9",
    ),
    Case(
        "weight decay of a layerwise rule",
        "training: {optimizer: blockwise, weight_decay: 5e-4}",
        "training: weight_decay belongs to optimizer 'adam', 'sgd' or 'adamw'; 'blockwise' takes "
        "optimizer_settings.rule, optimizer_settings.constants; got weight_decay 0.0005",
    ),
    Case(
        "setting that the optimizer does not declare",
        "training: {optimizer: blockwise, optimizer_settings: {constant: [1]}}",
        "training.optimizer_settings: constant: unknown setting of optimizer 'blockwise'; did you "
        "mean 'constants'? known: rule, constants; got constant [1]",
    ),
    Case(
        "constants of too few layers",
        "training: {optimizer: blockwise, optimizer_settings: {constants: [500, 0.002]}}",
        "training.optimizer_settings.constants: 2 given, but the network has 4 layers that are "
        "trained, each of which needs one",
    ),
    Case(
        "negative constant of a layer",
        "training: {optimizer: blockwise, optimizer_settings: {constants: [500, -1, 1, 1]}}",
        "training.optimizer_settings: constants.1: input should be greater than or equal to 0; got "
        "-1",
    ),
    Case(
        "constants of no layer",
        "training: {optimizer: blockwise, optimizer_settings: {constants: []}}",
        "training.optimizer_settings: constants: list should have at least 1 item, not 0; got []",
    ),
    Case(
        "constants under which nothing moves",
        "training: {optimizer: blockwise, optimizer_settings: {constants: [0, 0, 0, 0]}}",
        "training.optimizer_settings.constants: all are 0, so that no layer would move; use a "
        "number above 0 for one layer at least",
    ),
    Case(
        "a spike below what is small",
        "training: {loss_spike: {below: 0.75, above: 0.5}}",
        "training.loss_spike: above 0.5 is less than below 0.75, so that a run would jump back "
        "where it gets small; use at least as much",
    ),
    Case(
        "cycle of two factors",
        "dataset: {source: chain_monomial, settings: {dimension: 8, period: 2}}",
        "dataset: period: input should be greater than or equal to 3; got 2",
    ),
    Case(
        "cycle longer than an input",
        "dataset: {source: chain_monomial, settings: {dimension: 4, period: 5}}",
        "dataset: period 5 is more than dimension 4; use at most 4",
    ),
    Case(
        "balance without samples of target 1",
        "dataset: {source: alignment_reversing, settings: {balance: 0.0}}",
        "dataset: balance: input should be greater than 0; got 0.0",
    ),
    Case(
        "balance above one",
        "dataset: {source: alignment_reversing, settings: {balance: 1.5}}",
        "dataset: balance: input should be less than or equal to 1; got 1.5",
    ),
    Case(
        "unknown schedule",
        "training: {schedule: {name: cosin}}",
        "training.schedule: unknown schedule 'cosin'; did you mean 'cosine'? known: …",
    ),
    Case(
        "schedule without what it needs",
        "training: {schedule: [{name: warm_up}, {name: cosine}]}",
        "training.schedule: steps: missing; schedule 'warm_up' has no default for it; got …",
    ),
    Case(
        "empty grid",
        "grid: {dropout: null}",
        "grid: empty; give at least one axis with values",
    ),
    Case("grid that is a list", "grid: [dropout]", "grid: expected a mapping from axis to …"),
    Case(
        "empty axis",
        "grid: {dropout: []}",
        "grid.dropout: expected a list of at least one value, got []",
    ),
    Case(
        "axis that is no list",
        "grid: {dropout: 0.1}",
        "grid.dropout: expected a list of at least one value, got 0.1",
    ),
    Case(
        "value twice on an axis",
        "grid: {dropout: [0, 0.1, 1e-1]}",
        "grid.dropout[2]: the value 0.1 appears twice; keep one",
    ),
    Case(
        "unknown axis",
        "grid: {learning_rates: [0.1]}",
        "grid.learning_rates: unknown axis; did you mean 'learning_rate'? known: …",
    ),
    Case(
        "setting by its whole path",
        "grid: {training.beta1: [0.9]}",
        "grid.training.beta1: unknown axis; did you mean 'beta1'? known: …",
    ),
    Case(
        "setting whose name the file uses otherwise",
        "grid: {kind: [fresh, static]}",
        "grid.kind: unknown axis; did you mean 'noise_kind'? known: …",
    ),
    Case(
        "group of settings as an axis",
        "grid: {early_stop: [null]}",
        "grid.early_stop: a group of settings is no axis; its own are: loss_below, change_below, "
        "running_loss_below, times",
    ),
    Case(
        "setting along no axis",
        "along: {depht: {width: {3: 8}}}",
        "along.depht: the grid has no such axis; it has dropout",
    ),
    Case(
        "unknown setting along an axis",
        "along: {dropout: {learning_rates: {0: 0.1, 0.1: 0.1}}}",
        "along.dropout.learning_rates: unknown setting; did you mean 'learning_rate'? known: …",
    ),
    Case(
        "setting along an axis that is an axis too",
        "{grid: {width: [8, 4]}, along: {dropout: {width: {0: 8, 0.1: 4}}}}",
        "along.dropout.width: model.width is set by the axis 'width'; keep one",
    ),
    Case(
        "value of an axis that has none along it",
        "along: {dropout: {width: {0: 8}}}",
        "along.dropout.width: none is given for dropout 0.1; give one for each value of the axis",
    ),
    Case(
        "wrong value along an axis",
        "along: {dropout: {width: {0: 8, 0.1: 0}}}",
        "along.dropout.width.0.1: input should be greater than or equal to 1; got 0",
    ),
    Case(
        "settings along an axis without its values",
        "along: {dropout: {width: [8, 4]}}",
        "along.dropout.width: expected a mapping from values of dropout to values of width, got "
        "[8, 4]",
    ),
    Case(
        "times of no bound",
        "training: {early_stop: {times: 3}}",
        "training.early_stop: times belongs to running_loss_below, which is null; leave times out; "
        "got times 3",
    ),
    Case(
        "unknown family on an axis",
        "grid: {family: [mlp, mpl]}",
        "grid.family[1]: unknown 'mpl'; did you mean 'mlp'? known: mlp, residual_mlp, block_cnn, "
        "module",
    ),
    Case(
        "setting that one of the families lacks, varied",
        "{model: {width: 8}, grid: {family: [mlp, block_cnn], width: [4, 8]}}",
        "grid.family[1]: model.width: unknown key; did you mean 'depth'? known: …",
    ),
    Case(
        "setting that none of the families has",
        "{model: {channels: 4}, grid: {family: [mlp, residual_mlp]}}",
        "model.channels: unknown key; known: …",
    ),
    Case(
        "unknown optimizer on an axis",
        "grid: {optimizer: [adam, adm]}",
        "grid.optimizer[1]: input should be 'adam', 'sgd', 'scale_invariant_sgd', 'adamw' or "
        "'blockwise'; got 'adm'",
    ),
    Case(
        "mode that one network of the grid cannot give",
        "{grid: {batch_norm: [true, false]}, measure: {batch_norm_modes: [batch_statistics]}}",
        "measure.batch_norm_modes: 'batch_statistics' needs model.batch_norm: true",
    ),
    Case(
        "seeds as an axis",
        "grid: {seed: [1, 2]}",
        "grid.seed: seeds have a key of their own, `seeds`",
    ),
    Case(
        "two axes for the same setting",
        "grid: {data_noise: [0, 0.1], label_noise: [0, 0.2]}",
        "grid: axes 'data_noise' and 'label_noise' both set noise.label_noise; keep one",
    ),
    Case(
        "number as text on an axis",
        "grid: {dropout: ['0.1']}",
        "grid.dropout[0]: expected a number, got '0.1'",
    ),
    Case(
        "'full' on an axis",
        "grid: {batch_size: [full]}",
        "grid.batch_size[0]: expected a number, got 'full'; write the number of images",
    ),
    Case(
        "true on an axis",
        "grid: {negative_slope: [true]}",
        "grid.negative_slope[0]: input should be a valid number; got True",
    ),
    Case(
        "unknown metric",
        "measure: {metrics: [data_seperation]}",
        "measure.metrics[0]: unknown metric 'data_seperation'; did you mean 'data_separation'? "
        "known: …",
    ),
    Case(
        "one metric, no list",
        "measure: {metrics: data_separation}",
        "measure.metrics: input should be a list; got 'data_separation'",
    ),
    Case(
        "unknown batch-norm mode",
        "measure: {batch_norm_modes: [running]}",
        "measure.batch_norm_modes.0: input should be 'running_statistics' or 'batch_statistics'; "
        "got 'running'",
    ),
    Case(
        "mode that the network cannot give",
        "{model: {batch_norm: false}, measure: {batch_norm_modes: [batch_statistics]}}",
        "measure.batch_norm_modes: 'batch_statistics' needs model.batch_norm: true",
    ),
    Case(
        "record after the end",
        "records: [{step: 10000000}]",
        "records[0]: expected a step from 0 to 10, the last of training.epochs 5, or 'final', got "
        "10000000",
    ),
    Case(
        "no record point",
        "records: [{moment: 3}, final]",
        "records[0]: expected one of {epoch: n}, {step: n}, {loss_below: x}, {every: n, "
        "unit: step} or 'final', got {'moment': 3}",
    ),
    Case(
        "mark at no loss",
        "records: [{loss_below: 0}, final]",
        "records[0].loss_below: expected greater than 0, got 0",
    ),
    Case(
        "records beside checkpoints",
        "{records: [final], checkpoints: [final]}",
        "records: runs have records or checkpoints, not both; keep one, for {epoch: n} and 'final' "
        "are records too",
    ),
    Case(
        "checkpoint after the end",
        "checkpoints: [0, 6]",
        "checkpoints[1]: expected an epoch from 0 to training.epochs (5) or 'final', got 6",
    ),
    Case(
        "checkpoint after the end of the longest run",
        "{grid: {epochs: [2, 4]}, checkpoints: [0, 5]}",
        "checkpoints[1]: expected an epoch from 0 to training.epochs (4) or 'final', got 5",
    ),
    Case(
        "checkpoint that a run does not reach",
        "{grid: {epochs: [2, 4]}, checkpoints: [3]}",
        "checkpoints: runs of training.epochs 2 reach none of 3; add 'final'",
    ),
    Case(
        "checkpoints every none",
        "checkpoints: {every: 0}",
        "checkpoints.every: expected an integer of at least 1, got 0",
    ),
    Case("seed twice", "seeds: [1, 2, 1]", "seeds[2]: the seed 1 appears twice; keep one"),
    Case("negative seed", "seeds: [-1]", "seeds[0]: expected an integer ≥ 0, got -1"),
    Case("no seeds", "seeds: 0", "seeds: expected at least 1, got 0"),
    Case(
        "number of seeds as text",
        "seeds: '3'",
        "seeds: expected a number of seeds or a list of them, got '3'",
    ),
    Case(
        "boundary of no quantity",
        "{grid: {negative_slope: [0, 1]}, refine: {of: convexity, axes: [dropout, "
        "negative_slope]}}",
        "refine.of: 'convexity' is no quantity; did you mean 'convexity_index'? give a registered "
        "one (convexity_index, peak_beyond_first, test_accuracy, lost) or where the function is, "
        "such as 'my_file.py:name'",
    ),
    Case(
        "boundary along no axis",
        "refine: {of: convexity_index, axes: [dropuot, negative_slope]}",
        "refine.axes[0]: the grid has no axis 'dropuot'; did you mean 'dropout'? it has dropout",
    ),
    Case(
        "boundary between words",
        "{grid: {activation: [relu, tanh]}, refine: {of: convexity_index, axes: [activation, "
        "dropout]}}",
        "refine.axes[0]: activation is no axis of numbers, it has relu, tanh: a boundary is looked "
        "for between numbers",
    ),
    Case(
        "boundary at a level that cannot be",
        "{grid: {negative_slope: [0, 1]}, refine: {of: convexity_index, at: 1.5, axes: [dropout, "
        "negative_slope]}}",
        "refine.at: 1.5 is outside of what 'convexity_index' can be, -1 to 1",
    ),
    Case(
        "budget below the first generation",
        "{grid: {negative_slope: [0, 1]}, refine: {of: convexity_index, budget: 7, axes: [dropout, "
        "negative_slope]}}",
        "refine.budget: 7 runs, and the first generation alone has 8 (2 dropout × 2 negative_slope "
        "× 2 seeds); give more, or a coarser grid",
    ),
    Case("empty shards", "shard_size: 0", "shard_size: expected an integer of at least 1, got 0"),
    Case(
        "unknown precision",
        "dtype: float16",
        "dtype: input should be 'float32' or 'float64'; got 'float16'",
    ),
    Case("no title", "title: ''", "title: give the experiment a title (text), got ''"),
    Case("template of no sort", "template: 'no'", "template: expected true or false, got 'no'"),
    Case("extends nothing", "extends: nothing", "extends: there is no experiment 'nothing' in …"),
    Case("extends itself", "extends: x", "extends: 'x' extends itself in a circle"),
    Case(
        "extends a path",
        "extends: ../x",
        "extends: expected an experiment's name, got '../x'",
    ),
    Case(
        "key twice",
        "title: A\ntitle: B",
        "not valid YAML: line 2: the key 'title' appears twice; keep one",
        whole=True,
    ),
    Case(
        "not YAML",
        "grid: {dropout: [0, 0.1}",
        "not valid YAML: line 1: while parsing a flow sequence, expected ',' or ']', but got '}'",
        whole=True,
    ),
    Case("empty file", "", "expected a mapping of settings, got NoneType", whole=True),
    Case(
        "no data set",
        "title: A\ngrid: {dropout: [0]}",
        "dataset: missing; e.g. {source: mnist_5k, n_train: 2560}",
        whole=True,
    ),
]


def written(case: Case) -> str:
    """The text of the wrong file."""
    return case.yaml if case.whole else as_yaml(overlay(parsed(GOOD), parsed(case.yaml)))


def write(folder: Path, case: Case) -> Path:
    """The wrong file, as experiment `x`."""
    path = folder / "x.yaml"
    path.write_text(written(case), encoding="utf-8")
    return path


def parsed(text: str) -> Any:
    """What the text of a file says."""
    return YAML(typ="safe", pure=True).load(io.StringIO(text))
