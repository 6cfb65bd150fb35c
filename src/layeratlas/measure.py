"""Measuring a trained shard: metrics of every layer, accuracies and losses, labelled by run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.backends import Backend
from layeratlas.bounded.documents import parse_json
from layeratlas.engine.weights import weights_at
from layeratlas.errors import StoreError
from layeratlas.losses.base import Loss
from layeratlas.losses.registry import loss_of
from layeratlas.metrics import get_metric
from layeratlas.metrics.collecting import Collected
from layeratlas.metrics.views import Views
from layeratlas.networks.base import BatchNormMode
from layeratlas.networks.registry import create_family
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.status import DIVERGED, EXPLODED, EXPLOSION_LIMIT, OK
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.views import Seen, View

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
    batch_norm_modes: Sequence[BatchNormMode] = ("running_statistics",),
    backend: Backend,
    step_images: int | None = None,
    views: Mapping[str, Mapping[str, Any]] | None = None,
    start_only: bool = False,
    progress: Callable[[int], None] = lambda runs: None,
) -> xr.DataTree:
    """Metrics and evaluation of every run and checkpoint of a shard.

    Metrics see what `views` name (`layeratlas.metrics.views`), dropout off; by default the training
    images as stored, with their clean labels (spring–block paper, §1.1), in each of
    `batch_norm_modes`, and the first `step_images` of them, by default all, for a gradient step.
    `start_only`: epoch 0 was kept for metrics that compare with the start, and is not measured.
    Returns `/` and `/training` as trained, `/evaluation` (run, epoch, batch_norm_mode), `/layers`
    (run, epoch, batch_norm_mode or view, layer) and, where such metrics are asked for, `/affine`
    (run, epoch, batch_norm_mode or view, affine) and `/network` (run, epoch).
    Runs that diverged are NaN; those that exploded are measured, and left out on reading. A run
    whose loss on the clean training set is no longer finite after its last step, or beyond the
    limit of `training.explosion_limit`, has diverged or exploded too: training saw the loss before.
    StoreError where `trained` is not what the plan made.
    """
    _check(plan, trained)
    seen = _Images(dataset)
    family = create_family(plan.shared["model"], seen.input_shape, seen.n_outputs)
    placed = Views.of(
        {"views": views, "batch_norm_modes": batch_norm_modes, "step_images": step_images}
    )
    epochs = [epoch for epoch in plan.checkpoints if epoch or not start_only]
    asked = [get_metric(name) for name in metrics]
    measured = Collected((plan.size, len(epochs)), family, placed, asked)
    start = weights_at(trained, family.parameters, 0) if measured.at_start else None
    modes = placed.modes
    shape = (plan.size, len(epochs), len(modes))
    evaluation = {name: np.full(shape, np.nan, "f4") for name in _EVALUATION}
    ok = np.flatnonzero(trained["status"].values != DIVERGED)
    networks = Trained(plan, family, backend, seen.trained_on)
    # One member at a time bounds memory; on a GPU, a few fill it.
    together = 1 if backend.device == "cpu" else 32
    for i, epoch in enumerate(epochs):
        theta = weights_at(trained, family.parameters, epoch)
        statistics = weights_at(trained, family.statistics, epoch)
        for e in ok if measured.alone else ():
            one = Network(networks, *_members(np.array([e]), theta, statistics, start))
            for view, some in measured.alone.items():
                measured.add(i, one, view, some, seen.of(view))
        for first in range(0, len(ok), together):
            rows = ok[first : first + together]
            network = Network(networks, *_members(rows, theta, statistics, start))
            logits: dict[View, list] = {}
            for view, some in measured.several.items():
                measured.add(i, network, view, some, seen.of(view), logits)
            for j, mode in enumerate(modes):
                for split in ("train", "test"):
                    view = View(split, batch_norm=mode)
                    scores = _scores(network, seen.of(view), logits.get(view))
                    names = f"{split}_accuracy", f"{split}_loss"
                    evaluation[names[0]][rows, i, j], evaluation[names[1]][rows, i, j] = scores
            if i == len(epochs) - 1:
                progress(len(rows))
    progress(plan.size - len(ok))
    trained = _judged(plan, trained, evaluation["train_loss"][:, -1])
    return _labelled(plan, trained, epochs, modes, evaluation, measured)


def _members(rows, theta, statistics, start):
    """Rows with their weights, and those before training where they were kept."""
    return rows, theta[rows], statistics[rows], None if start is None else start[rows]


class _Images:
    """What a data set has for views to look at."""

    def __init__(self, dataset: xr.Dataset):
        self._inputs = {split: _flat(dataset[f"{split}_inputs"]) for split in ("train", "test")}
        self._targets = {
            ("train", "clean"): dataset["clean_train_targets"].values,
            ("test", "clean"): dataset["test_targets"].values,
        }
        if "train_targets" in dataset:
            self._targets["train", "trained"] = dataset["train_targets"].values
        self.input_shape = dataset["train_inputs"].shape[1:]
        self.n_outputs = int(dataset.attrs["n_outputs"])

    @property
    def trained_on(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Inputs and targets of training."""
        noisy = self._targets.get(("train", "trained"))
        return None if noisy is None else (self._inputs["train"], noisy)

    def of(self, view: View) -> Seen:
        """The images of a view."""
        x, targets = self._inputs[view.split], self._targets[view.split, view.targets]
        return Seen(view, x[: view.images], targets[: view.images])


def _scores(network: Network, seen: Seen, logits: list | None) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy and mean loss of each member on a view, `(member,)`; `logits` where known."""
    size = network.batch_size(seen)
    total, loss = [], loss_of(network.plan.shared["training"])
    for n, batch in enumerate(seen.batches(size)):
        if logits is None:
            for layer in network.features(batch.x, batch.view.batch_norm):
                z = layer.values
        else:
            z = logits[n]
        scores = _score(network.backend.to_numpy(z), batch.targets, loss)
        total.append((batch.size, scores))
    if len(total) == 1:
        return total[0][1]
    shares = np.array([n for n, _ in total]) / seen.size
    accuracy, losses = (np.array([scores[k] for _, scores in total]) for k in (0, 1))
    return shares @ accuracy, shares @ losses


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


def _flat(images: xr.DataArray) -> np.ndarray:
    return np.ascontiguousarray(images.values.reshape(images.shape[0], -1))


def _score(logits: np.ndarray, labels: np.ndarray, loss: Loss) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy and mean loss, `(member,)` each, of logits `(member, sample, class)`."""
    z = logits.astype(np.float64)
    return (z.argmax(axis=2) == labels).mean(axis=1), loss.evaluate(z, labels)


def _labelled(plan, trained, epochs, modes, evaluation, measured: Collected) -> xr.DataTree:
    epoch = ("epoch", np.array(epochs), {"long_name": "epoch", "units": "1"})
    of_modes = Views.of({"batch_norm_modes": modes})
    dims = ("run", "epoch", "batch_norm_mode")
    nodes = {
        "/": trained.to_dataset(),
        "/training": trained["training"].to_dataset(),
        "/evaluation": xr.Dataset(
            {
                name: (dims, values, {"long_name": _EVALUATION[name], "units": "1"})
                for name, values in evaluation.items()
            },
            coords={"epoch": epoch, **of_modes.coordinates()},
        ),
    }
    return xr.DataTree.from_dict(nodes | measured.nodes({"epoch": epoch}))
