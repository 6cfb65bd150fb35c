"""Measuring a trained shard: metrics of every layer, accuracies and losses, labelled by run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

import numpy as np
import xarray as xr

from layeratlas.backends import Backend, get_backend
from layeratlas.backends.base import Device
from layeratlas.bounded.documents import parse_json
from layeratlas.engine.weights import weights_at
from layeratlas.errors import StoreError
from layeratlas.losses.registry import load_loss
from layeratlas.metrics import get_metric
from layeratlas.networks.base import BatchNormMode
from layeratlas.networks.registry import create_family, load_forward, load_member_loss
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.status import DIVERGED, EXPLODED, EXPLOSION_LIMIT, OK
from layeratlas.signals import forward_features

_EVALUATION = {
    "train_accuracy": "accuracy on the clean training set",
    "test_accuracy": "accuracy on the test set",
    "train_loss": "loss on the clean training set",
    "test_loss": "loss on the test set",
}


def measure_shard(
    plan: ShardPlan,
    trained: xr.DataTree,
    dataset: xr.Dataset,
    *,
    metrics: Sequence[str],
    batch_norm_modes: Sequence[BatchNormMode],
    backend: Backend,
    step_images: int | None = None,
    progress: Callable[[int], None] = lambda runs: None,
) -> xr.DataTree:
    """Metrics and evaluation of every run and checkpoint of a shard.

    Per-layer metrics see the training images as stored, with their clean labels, dropout off
    (spring–block paper, §1.1). Returns `/` and `/training` as trained, `/evaluation`
    (run, epoch, batch_norm_mode), `/layers` (run, epoch, batch_norm_mode, layer) and, where
    network metrics are asked for, `/network` (run, epoch). Metrics of a gradient step see the first
    `step_images` training images, by default all, and stand under `running_statistics` alone.
    Runs that diverged are NaN; those that exploded are measured, and left out on reading. A run
    whose loss on the clean training set is no longer finite after its last step, or beyond the
    limit of `training.explosion_limit`, has diverged or exploded too: training saw the loss before.
    StoreError where `trained` is not what the plan made.
    """
    _check(plan, trained)
    x = _flat(dataset["train_inputs"])
    y = dataset["clean_train_targets"].values
    x_test, y_test = _flat(dataset["test_inputs"]), dataset["test_targets"].values
    n_classes = int(dataset.attrs["n_outputs"])
    image_shape = dataset["train_inputs"].shape[1:]
    family = create_family(plan.shared["model"], image_shape, n_classes)
    members = {name: np.asarray(values) for name, values in plan.members.items()}
    functions = {
        name: (get_metric(name).load(), get_metric(name).load_shared())
        for name in metrics
        if get_metric(name).kind == "layer"
    }
    of_network, of_step = (
        {name: get_metric(name).load() for name in metrics if get_metric(name).kind == kind}
        for kind in ("network", "step")
    )
    loss = plan.shared["training"]["loss"]

    shape = (plan.size, len(plan.checkpoints), len(batch_norm_modes))
    layers = {
        name: np.full((*shape, len(family.layer_names)), np.nan, "f4")
        for name in metrics
        if name not in of_network
    }
    network = {name: np.full(shape[:2], np.nan, "f4") for name in of_network}
    evaluation = {name: np.full(shape, np.nan, "f4") for name in _EVALUATION}
    ok = np.flatnonzero(trained["status"].values != DIVERGED)

    labels = backend.from_numpy(y) if backend.name == "torch" else y
    stepping = bool(of_step) and "running_statistics" in batch_norm_modes
    if stepping:
        evaluation_mode = list(batch_norm_modes).index("running_statistics")
        x_step, y_step = x[:step_images], y[:step_images]
        step_of = _steps(plan, family, backend, x, dataset["train_targets"].values)
    for i, epoch in enumerate(plan.checkpoints):
        theta = weights_at(trained, family.parameters, epoch)
        statistics = weights_at(trained, family.statistics, epoch)
        for e in ok if of_network else ():
            one = {name: values[e : e + 1] for name, values in members.items()}
            loss_function = _loss_of(plan, family, backend, theta[e], statistics[e], one, x, y)
            for name, function in of_network.items():
                network[name][e, i] = function(*loss_function, seed=int(members["seed"][e]))
        for e in ok if stepping else ():
            taken = step_of(e, theta[e], statistics[e], x_step, y_step)
            for name, function in of_step.items():
                layers[name][e, i, evaluation_mode] = function(taken)
        # One member at a time bounds memory; on a GPU, a few fill it.
        step = 1 if backend.device == "cpu" else 32
        for start in range(0, len(ok), step):
            some = ok[start : start + step]
            chosen = {name: values[some] for name, values in members.items()}
            weights = (theta[some], statistics[some], chosen)
            for j, mode in enumerate(batch_norm_modes):
                for features in forward_features(family, backend, *weights, x, mode):
                    for name, values in _measure_layer(functions, features.values, labels):
                        layers[name][some, i, j, features.layer] = backend.to_numpy(values)
                    logits = features.values
                evaluation["train_accuracy"][some, i, j], evaluation["train_loss"][some, i, j] = (
                    _score(backend.to_numpy(logits), y, loss)
                )
                for features in forward_features(family, backend, *weights, x_test, mode):
                    logits = features.values
                evaluation["test_accuracy"][some, i, j], evaluation["test_loss"][some, i, j] = (
                    _score(backend.to_numpy(logits), y_test, loss)
                )
            if i == len(plan.checkpoints) - 1:
                progress(len(some))
    progress(plan.size - len(ok))
    trained = _judged(plan, trained, evaluation["train_loss"][:, -1])
    tree = _labelled(plan, trained, family.layer_names, batch_norm_modes, layers, evaluation)
    if network:
        tree["/network"] = xr.Dataset(
            {
                name: (("run", "epoch"), values, get_metric(name).attributes())
                for name, values in network.items()
            },
            coords={"epoch": tree["evaluation"].coords["epoch"]},
        )
    return tree


def _check(plan: ShardPlan, trained: xr.DataTree) -> None:
    """Members are told by their place alone, so the shard must be the one that the plan lists."""
    told = trained.attrs.get("plan")
    ids = trained.to_dataset()["run_id"].values.tolist()
    if ids != list(plan.run_ids) or (
        told is not None and parse_json(told, "its attribute plan") != plan.to_json()
    ):
        raise StoreError(
            f"shard {plan.key} was made by another plan than the one it is measured by: train it "
            "again, after removing its files"
        )


def _judged(plan: ShardPlan, trained: xr.DataTree, losses: np.ndarray) -> xr.DataTree:
    """The shard with the status that its last losses, `(run, mode)`, give runs that were ok."""
    limit = plan.shared["training"].get("explosion_limit", EXPLOSION_LIMIT)
    with np.errstate(invalid="ignore"):
        ends = np.where((losses > limit).any(axis=1), EXPLODED, OK)
    ends = np.where(np.isfinite(losses).all(axis=1), ends, DIVERGED)
    root = trained.to_dataset()
    status = root["status"]
    judged = np.where(status.values == OK, ends, status.values).astype(status.dtype)
    root = root.assign(status=status.copy(data=judged))
    return xr.DataTree.from_dict({"/": root, "/training": trained["training"].to_dataset()})


def _measure_layer(functions, features, labels):
    """Name and `(member,)` values of each metric; shared intermediates are computed once."""
    done = {}
    for name, (function, shared) in functions.items():
        if shared is None:
            yield name, function(features, labels)
            continue
        if shared not in done:
            done[shared] = shared(features, labels)
        yield name, function(features, labels, statistics=done[shared])


def _loss_of(plan, family, backend, theta, statistics, member, x, y):
    """The training loss of one network as a differentiable function, and where it stands."""
    device = "cpu" if backend.device == "cpu" else "cuda"
    b = get_backend(device, plan.shared["dtype"], torch=True)
    return load_member_loss(plan.shared["model"]["family"])(
        family,
        b.from_numpy(theta),
        b.from_numpy(statistics),
        {"negative_slope": b.vector(member["negative_slope"])},
        b.from_numpy(x),
        b.from_numpy(y),
        plan.shared["training"]["loss"],
    )


def _steps(plan, family, backend, images, labels) -> Callable:
    """`(member, theta, statistics, x, y) → GradientStep` of a plan's networks.

    `images` and `labels` are those trained on, which a calibrated scaling starts from.
    """
    gradient_step = import_module("layeratlas.metrics.gradient_step").gradient_step
    model, training = plan.shared["model"], plan.shared["training"]
    device: Device = "cpu" if backend.device == "cpu" else "cuda"
    b = get_backend(device, "float64", torch=True)
    # By name, as the metrics: measuring layers alone does not repeat when a start changes.
    start_of = import_module("layeratlas.engine.start").start_of
    start, forward = start_of(plan, family, images, labels), load_forward(model["family"])

    def step(member, theta, statistics, x, y):
        return gradient_step(
            family,
            forward,
            b.from_numpy(theta),
            b.from_numpy(statistics),
            {"negative_slope": b.vector([plan.members["negative_slope"][member]])},
            b.from_numpy(x),
            b.from_numpy(y),
            training["loss"],
            start.rates([member])[0],
            scale_invariant=training["optimizer"] == "scale_invariant_sgd",
        )

    return step


def _flat(images: xr.DataArray) -> np.ndarray:
    return np.ascontiguousarray(images.values.reshape(images.shape[0], -1))


def _score(logits: np.ndarray, labels: np.ndarray, loss: str) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy and mean loss, `(member,)` each, of logits `(member, sample, class)`."""
    z = logits.astype(np.float64)
    return (z.argmax(axis=2) == labels).mean(axis=1), load_loss(loss).evaluate(z, labels)


def _labelled(plan, trained, layer_names, modes, layers, evaluation) -> xr.DataTree:
    epoch = ("epoch", np.array(plan.checkpoints), {"long_name": "epoch", "units": "1"})
    mode = (
        "batch_norm_mode",
        np.array(modes, dtype=object),
        {
            "long_name": "statistics used by batch norm in evaluation",
            "comment": "Networks without batch norm know running_statistics only.",
        },
    )
    dims = ("run", "epoch", "batch_norm_mode")
    evaluation_set = xr.Dataset(
        {
            name: (dims, values, {"long_name": _EVALUATION[name], "units": "1"})
            for name, values in evaluation.items()
        },
        coords={"epoch": epoch, "batch_norm_mode": mode},
    )
    layer_set = xr.Dataset(
        {
            name: ((*dims, "layer"), values, get_metric(name).attributes())
            for name, values in layers.items()
        },
        coords={
            "epoch": epoch,
            "batch_norm_mode": mode,
            "layer": (
                "layer",
                np.arange(len(layer_names)),
                {"long_name": "layer, 0 is the network's input", "units": "1"},
            ),
            "layer_name": (
                "layer",
                np.array(layer_names, dtype=object),
                {"long_name": "name of the layer"},
            ),
        },
    )
    return xr.DataTree.from_dict(
        {
            "/": trained.to_dataset(),
            "/training": trained["training"].to_dataset(),
            "/evaluation": evaluation_set,
            "/layers": layer_set,
        }
    )
