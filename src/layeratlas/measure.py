"""Measuring a trained shard: metrics of every layer, accuracies and losses, labelled by run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.backends import Backend
from layeratlas.bounded.documents import parse_json
from layeratlas.engine.spikes import spiked
from layeratlas.engine.weights import weights_at
from layeratlas.errors import StoreError
from layeratlas.losses.base import Loss
from layeratlas.losses.registry import loss_of
from layeratlas.losses.scores import evaluated, name_of_score, score, spread_of
from layeratlas.metrics import get_metric
from layeratlas.metrics.collecting import Collected
from layeratlas.metrics.images import Images
from layeratlas.metrics.metric import Metric
from layeratlas.metrics.views import Views
from layeratlas.networks.affine import chosen_maps, with_parts
from layeratlas.networks.base import BatchNormMode
from layeratlas.networks.registry import create_family
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.records import (
    Moment,
    all_epochs,
    beginning,
    label_of,
    point_of,
    record_coordinates,
)
from layeratlas.runs.status import DIVERGED, EXPLODED, EXPLOSION_LIMIT, OK, SPIKED
from layeratlas.signals.network import Network, Trained
from layeratlas.signals.views import Seen, View

#: Bytes of weights that are read together.
_READ = 2**26

#: No moment.
_NONE = -1


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
    evaluation_images: int | None = None,
    parts: Mapping[str, Sequence[str]] | None = None,
    maps: Sequence[str] | None = None,
    start_only: bool = False,
    moments: Sequence[Moment] | None = None,
    progress: Callable[[int], None] = lambda runs: None,
) -> xr.DataTree:
    """Metrics and evaluation of every run and checkpoint of a shard.

    Metrics see what `views` name (`layeratlas.metrics.views`), dropout off; by default the training
    images as stored, with their clean labels (spring–block paper, §1.1), in each of
    `batch_norm_modes`, and the first `step_images` of them, by default all, for a gradient step.
    `evaluation_images`: scores and losses are of so many of either part, by default of all.
    `parts`: names of equal parts that maps are shown in, by pattern; `maps`: patterns of names of
    the affine maps that metrics are of, by default all.
    `start_only`: epoch 0 was kept for metrics that compare with the start, and is not measured;
    `moments`: of what was kept these are measured, by default all.
    Returns `/` and `/training` as trained, `/evaluation` (run, epoch, batch_norm_mode), `/layers`
    (run, epoch, batch_norm_mode or view, layer) and, where such metrics are asked for, `/affine`
    (run, epoch, batch_norm_mode or view, affine) and `/network` (run, epoch). Where not all points
    are epochs, `record` stands for `epoch`, and runs that have no weights at one are NaN there.
    Runs that diverged are NaN; those that exploded are measured, and left out on reading. A run
    whose loss on the clean training set is no longer finite after its last step, or beyond the
    limit of `training.explosion_limit`, has diverged or exploded too, and one without noise may
    have spiked by `training.loss_spike`: training saw the loss before.
    StoreError where `trained` is not what the plan made.
    """
    _check(plan, trained)
    seen = Images(dataset)
    family = create_family(
        plan.shared["model"], seen.input_shape, seen.n_outputs, tokens=seen.tokens
    )
    placed = Views.of(
        {"views": views, "batch_norm_modes": batch_norm_modes, "step_images": step_images}
    )
    wanted = plan.checkpoints if moments is None else moments
    points = [p for p in plan.checkpoints if p in wanted and (p != 0 or not start_only)]
    facts, had = _facts(trained, points)
    facts = facts.assign(_yardsticks(dataset, plan.size))
    asked = [get_metric(name) for name in metrics]
    seen.refuse_few(placed, asked)
    affines = chosen_maps(with_parts(family.affines, parts), maps)
    measured = Collected((plan.size, len(points)), family, placed, asked, affines)
    modes = placed.modes
    shape = (plan.size, len(points), len(modes))
    scored = name_of_score(loss_of(plan.shared["training"]), dataset["test_targets"].values)
    evaluation = {name: np.full(shape, np.nan, "f4") for name in evaluated(scored)}
    ok = np.flatnonzero(trained["status"].values != DIVERGED)
    networks = Trained(plan, family, backend, seen.trained_on, affines)
    previous = _previous(facts, points)
    # One member at a time bounds memory; on a GPU, a few fill it.
    together = 1 if backend.device == "cpu" else 32
    done = 0
    for i, point in enumerate(points):
        there = ok[had[ok, i]]
        earlier = previous[there, i] if measured.at_previous else np.full(len(there), _NONE)
        for network in (
            one
            for k in np.unique(earlier)
            for one in _networks(
                networks,
                trained,
                (point, None if k == _NONE else points[k]),
                there[earlier == k],
                together,
                beginning(plan.checkpoints) if measured.at_start else None,
            )
        ):
            rows = network.rows
            for k in range(len(rows)) if measured.alone else ():
                one = network.member(k)
                for view, some in measured.alone.items():
                    measured.add(i, one, view, _possible(some, network), seen.of(view))
            logits: dict[View, list] = {}
            for view, some in measured.several.items():
                measured.add(i, network, view, _possible(some, network), seen.of(view), logits)
            for j, mode in enumerate(modes):
                for split in ("train", "test"):
                    view = View(split, images=evaluation_images, batch_norm=mode)
                    scores = _scores(network, seen.of(view), logits.get(view))
                    names = f"{split}_{scored}", f"{split}_loss"
                    evaluation[names[0]][rows, i, j], evaluation[names[1]][rows, i, j] = scores
            if i == len(points) - 1:
                done += len(rows)
                progress(len(rows))
    progress(plan.size - done)
    training = trained.children["training"].to_dataset(inherit=False)
    last = _last(facts, had, evaluation["train_loss"])
    facts = _judged(plan, facts, last, _losses_alike(plan, dataset, training, last))
    # Records are the root's, which has those that are measured: the start alone may be one more.
    tree = xr.DataTree.from_dict({"/": facts, "/training": training})
    found = _labelled(tree, points, modes, evaluation, measured)
    if (drawn := seen.drawn(placed, plan.size)) is not None:
        found["/views"] = xr.DataTree(drawn)
    # What it takes over from a shard that is read network by network outlives the open shard.
    return found.load()


def _yardsticks(dataset: xr.Dataset, runs: int) -> dict[str, Any]:
    """What predictions without a network cost, where the data tell, of every run."""
    words = {"unigram_loss": "counts of tokens", "bigram_loss": "counts of pairs of tokens"}
    return {
        name: (
            "run",
            np.full(runs, dataset.attrs[name], "f4"),
            {"long_name": f"test loss of a prediction from {told} alone", "units": "1"},
        )
        for name, told in words.items()
        if name in dataset.attrs
    }


def _facts(trained: xr.DataTree, points: Sequence[Moment]) -> tuple[xr.Dataset, np.ndarray]:
    """The root of a shard at these points, and which runs have weights at which of them."""
    root = trained.to_dataset()
    if "record" not in root.dims:
        return root, np.ones((root.sizes["run"], len(points)), bool)
    labels = root["label"].values.tolist()
    root = root.isel(record=[labels.index(label_of(point)) for point in points])
    had = np.isfinite(root["record_step"].values)
    if all_epochs(points):
        # Of moments within epochs, those that are asked for are none.
        return root.drop_dims("record"), had
    return root.assign_coords(record_coordinates(points)), had


def _previous(facts: xr.Dataset, points: Sequence[Moment]) -> np.ndarray:
    """`(run, point)`: which of the points a run came to last before it came to each, or `_NONE`.

    Points are not in the order of time: a mark is listed behind the steps, whenever it comes. What
    comes after it is compared with the step before, so that a log means the same with and without.
    """
    shape = facts.sizes["run"], len(points)
    steps = np.broadcast_to(np.arange(len(points), dtype=float), shape)
    if "record_step" in facts:
        steps = facts["record_step"].values
    marks = np.array([point_of(point).is_mark for point in points])
    sooner = (steps[:, None, :] < steps[:, :, None]) & ~marks
    reach = np.where(sooner, steps[:, None, :], -np.inf)
    return np.where(sooner.any(-1), reach.argmax(-1), _NONE)


def _possible(metrics: Sequence[Metric], network: Network) -> Sequence[Metric]:
    """Metrics that there is what they need for: the first moment has none before it."""
    if network.before is not None:
        return metrics
    return [metric for metric in metrics if not metric.at_previous]


def _networks(
    networks: Trained,
    trained: xr.DataTree,
    points: tuple[Moment, Moment | None],
    rows: np.ndarray,
    together: int,
    first: Moment | None,
) -> Iterator[Network]:
    """The members `rows` at the first of two points, `together` at a time.

    With their weights at the second, where there is one, and at the `first` of all, where asked.
    Read for as many runs at once as take `_READ` bytes: of small networks, finding each in an
    archive took a quarter of the time of measuring it.
    """
    family = networks.family
    width = family.parameters.width + family.statistics.width
    several = max(1, _READ // (8 * width) // together) * together
    for begin in range(0, len(rows), several):
        some = rows[begin : begin + several]
        # All of a range are a view of what is stored.
        last = int(some[-1]) + 1
        read = slice(last - len(some), last) if some[0] == last - len(some) else some
        layouts = family.parameters, family.statistics
        start = None if first is None else [weights_at(trained, of, first, read) for of in layouts]
        held = [
            tuple(weights_at(trained, of, point, read) for of in layouts)
            for point in points
            if point is not None
        ]
        for at in range(0, len(some), together):
            part = slice(at, at + together)
            initial, had = (None, None) if start is None else (of[part] for of in start)
            # What was there before comes first.
            network: Network | None = None
            for theta, statistics in reversed(held):
                network = Network(
                    networks, some[part], theta[part], statistics[part], initial, network, had
                )
            assert network is not None, "a point was asked for"
            yield network


def _scores(network: Network, seen: Seen, logits: list | None) -> tuple[np.ndarray, np.ndarray]:
    """Score and mean loss of each member on a view, `(member,)`; `logits` where known."""
    size = network.batch_size(seen)
    total, loss = [], loss_of(network.plan.shared["training"])
    spread = spread_of(seen.targets)
    for n, batch in enumerate(seen.batches(size)):
        if logits is None:
            for layer in network.features(batch.x, batch.view.batch_norm):
                z = layer.values
        else:
            z = logits[n]
        scores = _score(network.backend.to_numpy(z), batch.targets, loss, spread)
        total.append((batch.size, scores))
    if len(total) == 1:
        return total[0][1]
    shares = np.array([n for n, _ in total]) / seen.size
    found, losses = (np.array([scores[k] for _, scores in total]) for k in (0, 1))
    return shares @ found, shares @ losses


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


def _last(facts: xr.Dataset, had: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Losses `(run, mode)` of each run's last weights, of all at `(run, moment, mode)`.

    0 of a run that has none, of which they say nothing.
    """
    if "record_step" not in facts:
        return losses[:, -1]
    steps = np.where(had, facts["record_step"].values, -1.0)
    last = losses[np.arange(len(losses)), steps.argmax(axis=1)]
    last[~had.any(axis=1)] = 0.0
    return last


def _losses_alike(
    plan: ShardPlan, dataset: xr.Dataset, training: xr.Dataset, last: np.ndarray
) -> np.ndarray:
    """Losses of every epoch and, in order of time, of the last weights, `(run, time)`.

    NaN for the latter where training saw something else: noise, or targets with noise.
    """
    noisy = np.zeros(plan.size, bool)
    for name in ("label_noise", "input_noise", "dropout"):
        noisy |= np.asarray(plan.members.get(name, np.zeros(plan.size)), float) > 0
    if "train_targets" in dataset:
        noisy |= bool((dataset["train_targets"].values != dataset["clean_train_targets"]).any())
    ends = np.where(noisy[:, None], np.nan, last)
    return np.concatenate([training["train_loss"].values, ends], axis=1)


def _judged(plan: ShardPlan, root: xr.Dataset, last: np.ndarray, along: np.ndarray) -> xr.Dataset:
    """The root with the status that last losses, `(run, mode)`, give runs that were ok.

    And that losses `along` training, `(run, time)`, give them. What spiked may still have diverged
    or exploded in its last step.
    """
    settings = plan.shared["training"]
    with np.errstate(invalid="ignore"):
        far = (last > settings.get("explosion_limit", EXPLOSION_LIMIT)).any(axis=1)
    status = root["status"].values
    back = (status == SPIKED) | spiked(along, settings.get("loss_spike"))
    ends = np.where(far, EXPLODED, np.where(back, SPIKED, OK))
    ends = np.where(np.isfinite(last).all(axis=1), ends, DIVERGED)
    judged = np.where(np.isin(status, (OK, SPIKED)), ends, status).astype(status.dtype)
    return root.assign(status=root["status"].copy(data=judged))


def _score(
    outputs: np.ndarray, targets: np.ndarray, loss: Loss, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """Score (`losses.scores`) and mean loss, `(member,)` each, of outputs `(member, sample, …)`."""
    z = outputs.astype(np.float64)
    y = targets.astype(np.float64) if targets.dtype.kind == "f" else targets
    return score(loss, z, y, spread), loss.evaluate(z, y)


def _labelled(trained, points, modes, evaluation, measured: Collected) -> xr.DataTree:
    if all_epochs(points):
        moments = {"epoch": ("epoch", np.array(points), {"long_name": "epoch", "units": "1"})}
    else:
        moments = record_coordinates(points)
    of_modes = Views.of({"batch_norm_modes": modes})
    dims = ("run", next(iter(moments)), "batch_norm_mode")
    meaning = evaluated(next(iter(evaluation)).removeprefix("train_"))
    nodes = {
        "/": trained.to_dataset(),
        "/training": trained["training"].to_dataset(),
        "/evaluation": xr.Dataset(
            {
                name: (dims, values, {"long_name": meaning[name], "units": "1"})
                for name, values in evaluation.items()
            },
            coords={**moments, **of_modes.coordinates()},
        ),
    }
    return xr.DataTree.from_dict(nodes | measured.nodes(moments))
