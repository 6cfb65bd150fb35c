"""Measured shards against plain networks in both batch-norm modes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import xarray as xr
from made.trained import trained_cube

from layeratlas import metrics
from layeratlas.backends import get_backend
from layeratlas.datasets import prepare
from layeratlas.datasets.recipe import recipe_of
from layeratlas.engine import archive
from layeratlas.engine.loop import train_shard
from layeratlas.errors import StoreError
from layeratlas.measure import measure_shard
from layeratlas.metrics import METRICS, data_separation
from layeratlas.networks.registry import create_family
from layeratlas.runs.records import Point
from layeratlas.storage import open_datatree, publish

SEPARATION = {name: getattr(metrics, name) for name in METRICS if name.startswith("data_s")}
MODES = ("running_statistics", "batch_statistics")


@pytest.fixture(params=[False, True], ids=["fused", "torch"])
def backend(request):
    return get_backend("cpu", "float64", torch=request.param)


@pytest.fixture(params=[True, False], ids=["batch norm", "no batch norm"])
def plan(request, make_plan):
    """Four runs, the second of which diverges."""
    return make_plan(
        4,
        model={"batch_norm": request.param, "width": 6},
        training={"optimizer": "sgd", "epochs": 3},
        learning_rate=(1e-2, 1e308, 3e-2, 1e-1),
        negative_slope=(0.0, 0.1, 0.5, 1.0),
        dropout=(0.0, 0.0, 0.4, 0.2),
        checkpoints=(0, 2, 3),
    )


@pytest.fixture
def dataset(clouds):
    """50 training and 30 test images of 1 × 2 × 4; some training labels are noisy."""
    images, labels = clouds(n=80, d=8)
    images = images.reshape(80, 1, 2, 4)
    noisy = labels[:50].copy()
    noisy[::5] = (noisy[::5] + 1) % 3
    image = ("channel", "row", "column")
    return xr.Dataset(
        {
            "train_inputs": (("train_sample", *image), images[:50]),
            "train_targets": ("train_sample", noisy),
            "clean_train_targets": ("train_sample", labels[:50]),
            "test_inputs": (("test_sample", *image), images[50:]),
            "test_targets": ("test_sample", labels[50:]),
        },
        attrs={"n_outputs": 3},
    )


@pytest.fixture
def family(plan):
    return create_family(plan.shared["model"], (1, 2, 4), 3)


@pytest.fixture
def result(plan, dataset):
    return train_shard(
        plan,
        dataset["train_inputs"].values,
        dataset["train_targets"].values,
        n_outputs=3,
        backend=get_backend("cpu", "float64"),
    )


@pytest.fixture
def trained(plan, family, result):
    return archive.to_tree(plan, family, result, "test")


@pytest.fixture
def measured(plan, trained, dataset, backend):
    return measure_shard(
        plan,
        trained,
        dataset,
        metrics=tuple(SEPARATION),
        batch_norm_modes=MODES,
        backend=backend,
    )


@pytest.fixture
def plainly(plan, family, result, plain_network):
    """`plainly(run, checkpoint, mode, images)`: features of each layer by an `nn.Module`."""

    def features(run, checkpoint, mode, images):
        weights = result.theta[:, checkpoint], result.statistics[:, checkpoint]
        slope = plan.members["negative_slope"][run]
        network = plain_network(family, *weights, run, slope)
        # Train mode normalises by the batch at hand; the module is thrown away afterwards.
        network.train(mode == "batch_statistics")
        with torch.no_grad():
            layers = network(torch.as_tensor(images.reshape(len(images), -1)))
        return [h.numpy() for h in layers]

    return features


def test_layers_are_those_of_a_plain_network(measured, plainly, dataset, plan):
    """Training images with clean labels, dropout off, in eval and in train mode."""
    labels = dataset["clean_train_targets"].values
    images = dataset["train_inputs"].values
    layers = measured["layers"].to_dataset()
    assert list(layers["layer_name"].values) == ["input", "hidden_1", "hidden_2", "logits"]
    assert list(layers["epoch"].values) == [0, 2, 3]
    for run in (0, 2, 3):
        for i in range(3):
            for mode in MODES:
                expected = plainly(run, i, mode, images)
                row = layers.isel(run=run, epoch=i).sel(batch_norm_mode=mode)
                for name, separation in SEPARATION.items():
                    values = [float(separation(h[None], labels)[0]) for h in expected]
                    np.testing.assert_allclose(row[name], values, rtol=1e-4, atol=1e-5)


def test_scores_are_those_of_a_plain_network(measured, plainly, dataset):
    for part, truth in (("train", "clean_train_targets"), ("test", "test_targets")):
        images, labels = dataset[f"{part}_inputs"].values, dataset[truth].values
        for run in (0, 2, 3):
            for mode in MODES:
                logits = torch.as_tensor(plainly(run, 2, mode, images)[-1])
                row = measured["evaluation"].to_dataset().isel(run=run, epoch=2)
                row = row.sel(batch_norm_mode=mode)
                hits = sum(int(z.argmax()) == y for z, y in zip(logits, labels, strict=True))
                assert abs(float(row[f"{part}_accuracy"]) - hits / len(labels)) < 1e-6
                loss = torch.nn.functional.cross_entropy(logits, torch.as_tensor(labels))
                np.testing.assert_allclose(row[f"{part}_loss"], loss, rtol=1e-5)


def test_diverged_runs_are_nan_and_stay(measured, plan):
    assert list(measured["status"].values) == [0, 1, 0, 0]
    assert list(measured["run_id"].values) == list(plan.run_ids)
    for group in ("layers", "evaluation"):
        for variable in measured[group].to_dataset().data_vars.values():
            finite = np.isfinite(variable.values.reshape(4, -1))
            assert not finite[1].any() and finite[[0, 2, 3]].all()


def test_exploded_runs_are_measured_and_keep_their_status(plan, trained, dataset, backend):
    root = trained.to_dataset()
    trained.dataset = root.assign(status=root["status"].copy(data=[0, 1, 3, 0]))
    tree = measure_shard(
        plan, trained, dataset, metrics=tuple(SEPARATION), batch_norm_modes=MODES, backend=backend
    )
    assert list(tree["status"].values) == [0, 1, 3, 0]
    for group in ("layers", "evaluation"):
        for variable in tree[group].to_dataset().data_vars.values():
            assert np.isfinite(variable.values.reshape(4, -1)).all(axis=1).tolist() == [
                True, False, True, True,
            ]  # fmt: skip


@pytest.mark.parametrize(
    ("factor", "limit", "status"),
    [(1.0, {}, 0), (1e13, {}, 3), (1e13, {"explosion_limit": 1e20}, 0), (np.inf, {}, 1)],
)
def test_what_the_last_step_did_is_judged_too(
    plan, trained, dataset, backend, monkeypatch, factor, limit, status
):
    """Training sees the loss before its last step, an evaluation the one after it."""
    from layeratlas import measure

    scored, calls = measure._score, []

    def worse(logits, labels, loss, spread):
        accuracy, losses = scored(logits, labels, loss, spread)
        calls.append(len(losses))
        return accuracy, losses * factor

    monkeypatch.setattr(measure, "_score", worse)
    settings = {**plan.shared["training"], **limit}
    plan = replace(plan, shared={**plan.shared, "training": settings})
    trained.attrs |= plan.attributes()
    tree = measure_shard(
        plan,
        trained,
        dataset,
        metrics=("data_separation",),
        batch_norm_modes=MODES,
        backend=backend,
    )
    assert calls
    assert list(tree["status"].values) == [status, 1, status, status]
    assert list(trained["status"].values) == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("noise", "factor", "expected"),
    [("none", 1.0, 0), ("none", 1e3, 4), ("labels", 1e3, 0), ("dropout", 1e3, 0), ("none", 1e9, 3)],
)
def test_a_spike_of_the_last_step_is_judged_where_training_saw_the_same(
    plan, result, family, dataset, backend, monkeypatch, noise, factor, expected
):
    from layeratlas import measure

    scored = measure._score
    monkeypatch.setattr(
        measure, "_score", lambda *of: (scored(*of)[0], scored(*of)[1] * factor)
    )  # fmt: skip
    highest = float(np.nanmax(result.train_loss[[0, 2, 3]]))
    guard = {"below": highest + 1, "above": highest + 1}  # guarded from the start, no spike so far
    settings = {**plan.shared["training"], "loss_spike": guard}
    dropout = (0.3 if noise == "dropout" else 0.0,) * 4
    plan = replace(
        plan,
        shared={**plan.shared, "training": settings},
        members={**plan.members, "dropout": dropout},
    )
    if noise != "labels":
        dataset = dataset.assign(train_targets=dataset["clean_train_targets"])
    tree = measure_shard(
        plan,
        archive.to_tree(plan, family, result, "test"),
        dataset,
        metrics=("data_separation",),
        batch_norm_modes=MODES,
        backend=backend,
    )
    assert list(tree["status"].values) == [expected, 1, expected, expected]


def test_a_run_that_spiked_is_measured_and_keeps_its_status(plan, trained, dataset, backend):
    root = trained.to_dataset()
    trained.dataset = root.assign(status=root["status"].copy(data=[0, 1, 4, 0]))
    tree = measure_shard(
        plan, trained, dataset, metrics=tuple(SEPARATION), batch_norm_modes=MODES, backend=backend
    )
    assert list(tree["status"].values) == [0, 1, 4, 0]
    found = tree["layers"][next(iter(SEPARATION))]
    assert np.isfinite(found.isel(run=2)).all() and not np.isfinite(found.isel(run=1)).any()


def test_the_input_of_a_net_without_batch_norm_is_the_images(measured, dataset, plan):
    if plan.shared["model"]["batch_norm"]:
        pytest.skip("the input is normalised first")
    images = dataset["train_inputs"].values.reshape(1, 50, 8)
    D = data_separation(images, dataset["clean_train_targets"].values)[0]
    first = measured["layers"]["data_separation"].isel(layer=0, run=[0, 2, 3])
    np.testing.assert_allclose(first, np.full(first.shape, D), rtol=1e-6)


def test_measuring_changes_nothing(plan, trained, dataset, backend):
    before = trained.copy(deep=True), dataset.copy(deep=True)
    told = []
    again = [
        measure_shard(
            plan,
            trained,
            dataset,
            metrics=["data_separation"],
            batch_norm_modes=modes,
            backend=backend,
            progress=told.append,
        )
        for modes in (MODES, MODES[::-1])
    ]
    xr.testing.assert_identical(trained, before[0])
    xr.testing.assert_identical(dataset, before[1])
    assert sum(told) == 2 * plan.size
    # Neither mode leaves a trace that the other one, measured later, could see.
    for mode in MODES:
        for group in ("layers", "evaluation"):
            pair = [tree[group].to_dataset().sel(batch_norm_mode=mode) for tree in again]
            xr.testing.assert_identical(*pair)


@pytest.mark.parametrize("backend", [False], indirect=True)
@pytest.mark.parametrize("plan", [False], indirect=True)
def test_a_shard_of_another_plan_is_refused(trained, dataset, plan, backend):
    """Members are told by their place: in another order they would be each other."""
    asked = {"metrics": ["data_separation"], "batch_norm_modes": MODES[:1]}
    turned = trained.assign(run_id=trained["run_id"][::-1].variable)
    told = trained.copy()
    told.attrs["plan"] = '{"key": "other"}'
    for tree in (turned, told):
        with pytest.raises(StoreError, match=f"shard {plan.key} was made by another plan"):
            measure_shard(plan, tree, dataset, backend=backend, **asked)


def test_metrics_of_a_step_stand_under_running_statistics_alone(plan, trained, dataset, backend):
    """Wherever that mode stands; nowhere if it was not asked for."""
    for modes in (MODES, MODES[::-1], MODES[1:]):
        measured = measure_shard(
            plan, trained, dataset, metrics=["contribution"], batch_norm_modes=modes,
            backend=backend,
        )  # fmt: skip
        found = measured["layers"]["contribution"].isel(run=[0, 2, 3], layer=slice(1, None))
        for mode in modes:
            of_mode = found.sel(batch_norm_mode=mode)
            if mode == "running_statistics":
                assert np.isfinite(of_mode).all()
            else:
                assert np.isnan(of_mode).all()


def test_records_are_measured_as_epochs_are_and_points_without_weights_are_nan(make_plan, dataset):
    options = {"training": {"optimizer": "sgd", "epochs": 3}, "learning_rate": (0.01, 1e308, 0.1)}
    backend = get_backend("cpu", "float64")

    def measured_at(points, moments=None):
        plan = make_plan(3, checkpoints=points, **options)
        arrays = (dataset[f"train_{what}"].values for what in ("inputs", "targets"))
        result = train_shard(plan, *arrays, n_outputs=3, backend=backend)
        family = create_family(plan.shared["model"], (1, 2, 4), 3)
        tree = archive.to_tree(plan, family, result, "three runs")
        ticks: list[int] = []
        found = measure_shard(plan, tree, dataset, metrics=["data_separation", "hessian_trace"],
                              backend=backend, progress=ticks.append,
                              moments=moments)  # fmt: skip
        assert sum(ticks) == 3
        return found

    epochs = measured_at((0, 2, 3))
    low = Point(loss_below=1e-9)
    records = measured_at((0, Point(step=6), low, Point(epoch=3, label="final"), Point(step=2)))
    assert records["evaluation"]["label"].values.tolist() == [
        "epoch 0", "step 6", "loss 1e-09", "final", "step 2"
    ]  # fmt: skip
    np.testing.assert_array_equal(records["status"], epochs["status"])
    assert records["status"].values.tolist() == [0, 1, 0]
    # Epochs alone of what was kept are epochs.
    first = measured_at((0, Point(step=6)), moments=[0])
    xr.testing.assert_identical(first["layers"], epochs["layers"].isel(epoch=[0]))
    names = ("layers/data_separation", "network/hessian_trace", "evaluation/test_loss",
             "evaluation/train_accuracy")  # fmt: skip
    for name in names:
        found, expected = records[name], epochs[name]
        assert found.dims == tuple("record" if d == "epoch" else d for d in expected.dims)
        np.testing.assert_array_equal(found.values[:, [0, 1, 3]], expected.values)
        assert np.isnan(found.values[:, 2]).all()
        assert np.isfinite(found.values[[0, 2], 4]).all()


def test_a_run_is_judged_by_its_last_weights_and_not_by_the_last_point(make_plan, dataset):
    """A limit that the network is above at its beginning alone."""
    plan = make_plan(
        2, training={"epochs": 3, "explosion_limit": 1.2}, learning_rate=(0.1, 1e-9),
        checkpoints=(Point(step=9), Point(step=0)),
    )  # fmt: skip
    backend = get_backend("cpu", "float64")
    arrays = (dataset[f"train_{what}"].values for what in ("inputs", "targets"))
    result = train_shard(plan, *arrays, n_outputs=3, backend=backend)
    family = create_family(plan.shared["model"], (1, 2, 4), 3)
    tree = archive.to_tree(plan, family, result, "two runs")
    found = measure_shard(plan, tree, dataset, metrics=["data_separation"], backend=backend)
    losses = found["evaluation/train_loss"].values[:, :, 0]
    assert (losses[:, 1] > 1.0).all() and losses[0, 0] < losses[0, 1]
    np.testing.assert_array_equal(found["status"] == 0, losses[:, 0] <= 1.2)


def test_views_of_some_of_each_class_say_which_images_they_are(tmp_path):
    data = {"source": "digits", "n_train": 96, "n_test": 64, "size": 4}
    cube = trained_cube(
        tmp_path,
        dataset=data,
        noise={"kind": "static", "label_noise": 0.5},
        grid={"learning_rate": [1e-3, 1e-2]},
        records=[{"epoch": 0, "label": "init"}, "final"],
        measure={
            "metrics": ["alignment", "norm_growth"],
            "views": {
                "train": {"per_class": 2, "targets": "trained"},
                "hard": {"labels": "changed"},
            },
        },
    )
    views = cube["views"].to_dataset().isel(learning_rate=0, seed=0)
    assert (views["view_class_count"].sel(view="train") == 2).all()
    drawn = views["view_sample"].sel(view="train").dropna("drawn").values.astype(int)
    prepared = prepare(recipe_of(data | {"static_label_noise": 0.5}))
    labels, clean = (prepared[n].values for n in ("train_targets", "clean_train_targets"))
    assert np.bincount(labels[drawn]).tolist() == [2] * 10
    hard = views["view_sample"].sel(view="hard").dropna("drawn").values.astype(int)
    assert hard.tolist() == np.flatnonzero(labels != clean).tolist()
    growth = cube["affine/norm_growth"]
    assert growth.isel(record=0).isnull().all() and growth.isel(record=1).notnull().all()


def test_the_start_is_kept_beside_records_and_is_none_of_them(tmp_path):
    """Of an `init` of one's own too: what compares with the start reads a record that is hidden."""
    cube = trained_cube(
        tmp_path,
        dataset={"source": "digits", "n_train": 64, "n_test": 32, "size": 4},
        grid={"learning_rate": [1e-3, 1e-2]},
        records=[{"epoch": 0, "label": "init"}, {"loss_below": 1e-9, "label": "low"}, "final"],
        measure={"metrics": ["parameter_movement"]},
    )
    movement = cube["affine/parameter_movement"]
    assert movement["label"].values.tolist() == ["init", "final", "low"]
    np.testing.assert_allclose(movement.isel(record=0), 1, rtol=1e-6)
    assert (abs(movement.isel(record=1) - 1) > 1e-6).all()
    assert movement.isel(record=2).isnull().all()
    assert np.isfinite(cube["training/train_loss"]).all()


def test_what_is_measured_outlives_the_shard_that_it_is_read_from(
    plan, trained, dataset, backend, tmp_path
):
    """Large shards are read network by network, and closed before anything is published."""
    publish(trained, tmp_path / "shard.zarr.zip")
    with open_datatree(tmp_path / "shard.zarr.zip") as shard:
        found = measure_shard(plan, shard, dataset, metrics=["data_separation"], backend=backend)
    publish(found, tmp_path / "measured.zarr.zip")
    told = measure_shard(plan, trained, dataset, metrics=["data_separation"], backend=backend)
    with open_datatree(tmp_path / "measured.zarr.zip") as published:
        xr.testing.assert_equal(published.load(), told)


def test_views_of_runs_whose_noise_differs_have_images_of_their_own(tmp_path):
    cube = trained_cube(
        tmp_path,
        dataset={"source": "digits", "n_train": 96, "n_test": 64, "size": 4},
        noise={"kind": "static"},
        grid={"label_noise": [0, 0.8]},
        measure={
            "metrics": ["alignment", "residual_label_cosine"],
            "views": {"kept": {"labels": "kept"}, "test": {"split": "test", "per_class": 2}},
        },
    )
    counts = cube["views/view_class_count"].isel(seed=0).sum("class")
    drawn = cube["views/view_sample"].isel(seed=0).notnull().sum("drawn")
    np.testing.assert_array_equal(counts, drawn)
    assert counts.sel(view="kept").values.tolist()[0] == 96 > counts.sel(view="kept")[1] > 20
    assert (counts.sel(view="test") == 20).all()
    assert cube["affine/alignment"].notnull().all()
    assert (abs(cube["network/residual_label_cosine"]) <= 1).all()


def test_what_was_before_a_mark_is_what_came_before_it(tmp_path):
    """Marks are listed last: the growth at one is since the step before it, not since the end."""
    steps = [{"epoch": 0, "label": "init"}, {"step": 4, "label": "early"}]
    mark = {"loss_below": 100, "times": 2, "label": "mark"}  # at the end of epoch 2, step 8

    def growth(*records):
        cube = trained_cube(
            tmp_path,
            records=[*steps, *records],
            dataset={"source": "digits", "n_train": 64, "n_test": 16, "size": 4},
            training={"epochs": 4, "batch_size": 16},
            grid={"learning_rate": [1e-2]},
            measure={"metrics": ["norm_growth"], "views": {"train": {"images": 20}}},
        )
        values = cube["affine/norm_growth"].squeeze().transpose("record", "affine").values
        return dict(zip(cube["label"].values.tolist(), values, strict=True)), cube

    found, marked = growth("final", mark)
    assert list(found) == ["init", "early", "final", "mark"]
    assert marked["record_step"].values.ravel().tolist() == [0, 4, 16, 8]
    assert np.isnan(found["init"]).all()
    stepped, _ = growth({"step": 8, "label": "step"}, "final")
    np.testing.assert_array_equal(found["mark"], stepped["step"])
    # A log of steps is the same whether or not a mark comes between.
    plain, _ = growth("final")
    np.testing.assert_array_equal(found["final"], plain["final"])
    assert not np.array_equal(found["final"], stepped["final"])


def test_matrices_of_maps_compare_with_the_start_and_are_of_those_asked_for(
    plan, trained, result, dataset, backend
):
    """C-NFC is NaN and changes 0 at epoch 0; afterwards they are of W − W₀, by hand."""
    found = measure_shard(
        plan,
        trained,
        dataset,
        metrics=("c_nfc", "uc_nfc", "dw_rel", "ratio_c_uc", "ratio_dc_c", "nfm"),
        views={"all": {"split": "train"}, "guess": {"split": "train", "projections": 4}},
        maps=["layer_[12]"],
        backend=backend,
    )["affine"].to_dataset()
    assert list(found["affine_name"].values) == ["layer_1", "layer_2"]
    np.testing.assert_array_equal(found["view_projections"], [np.nan, 4])
    start, end = found.isel(run=0, epoch=0, view=0), found.isel(run=0, epoch=-1, view=0)
    assert np.isnan(start["c_nfc"]).all() and np.isnan(start["ratio_dc_c"]).all()
    assert (start["dw_rel"] == 0).all() and (start["ratio_c_uc"] == 0).all()
    assert (start["uc_nfc"] > 0).all() and (end["c_nfc"] > 0).all()
    # Estimates of K move what is of K, and nothing else.
    guess = found.isel(run=0, epoch=-1, view=1)
    assert (guess["c_nfc"] != end["c_nfc"]).all()
    np.testing.assert_array_equal(guess["dw_rel"], end["dw_rel"])
    family = create_family(plan.shared["model"], (1, 2, 4), 3)
    then, now = (
        family.parameters.views(result.theta[:, at])["weight_1"][0].astype(float) for at in (0, -1)
    )
    change = np.linalg.norm(now - then) / np.linalg.norm(now)
    np.testing.assert_allclose(end["dw_rel"][0], change, rtol=1e-5)
    np.testing.assert_allclose(end["nfm"][0], now.T @ now, rtol=1e-4, atol=1e-6)
    # Of the second map, six by six beside eight by eight.
    assert np.isnan(end["nfm"][1, 6:]).all() and np.isfinite(end["nfm"][1, :6, :6]).all()


def test_fewer_moments_than_were_kept(plan, trained, dataset, backend):
    given = {"metrics": ("c_nfc",), "backend": backend}
    whole = measure_shard(plan, trained, dataset, **given)
    some = measure_shard(plan, trained, dataset, moments=[3], **given)
    assert list(some["affine"]["epoch"].values) == [3]
    xr.testing.assert_identical(
        some["affine"].to_dataset(), whole["affine"].to_dataset().sel(epoch=[3])
    )
    xr.testing.assert_identical(
        some["evaluation"].to_dataset(), whole["evaluation"].to_dataset().sel(epoch=[3])
    )


def test_a_map_in_parts_is_as_if_each_were_a_map(plan, trained, dataset, backend):
    """Traces of parts add up to the whole's; a weight's parts move as the weight does."""
    given = {"metrics": ("nfm_trace", "agop_trace", "parameter_movement"), "backend": backend}
    whole = measure_shard(plan, trained, dataset, maps=["layer_2"], **given)
    parts = measure_shard(
        plan, trained, dataset, parts={"layer_2": ["a", "b"]}, maps=["layer_2.*"], **given
    )
    a, b = whole["affine"].to_dataset(), parts["affine"].to_dataset()
    assert list(b["affine_name"].values) == ["layer_2.a", "layer_2.b"]
    for name in ("nfm_trace", "agop_trace"):
        traces = b[name].isel(run=0).sum("affine")
        if name == "nfm_trace":
            np.testing.assert_allclose(traces, a[name].isel(run=0, affine=0), rtol=1e-5)
        else:
            # WᵀKW has terms between the parts too.
            assert (traces > 0).all()
    assert np.isfinite(b["parameter_movement"].isel(run=0)).all()


def test_yardsticks_of_a_text_stand_beside_what_became_of_runs(plan, trained, dataset, backend):
    told = dataset.assign_attrs(unigram_loss=3.3, bigram_loss=2.5)
    found = measure_shard(plan, trained, told, metrics=["dw_rel"], backend=backend)
    np.testing.assert_allclose(found["unigram_loss"], 3.3, rtol=1e-6)
    np.testing.assert_allclose(found["bigram_loss"], 2.5, rtol=1e-6)
    plain = measure_shard(plan, trained, dataset, metrics=["dw_rel"], backend=backend)
    assert "unigram_loss" not in plain


def test_scores_may_be_of_the_first_images_alone(plan, trained, dataset, backend):
    given = {"metrics": ("data_separation",), "backend": backend}
    few = measure_shard(plan, trained, dataset, evaluation_images=20, **given)
    cut = dataset.isel(train_sample=slice(20), test_sample=slice(20))
    expected = measure_shard(plan, trained, cut, **given)
    for name in ("train_loss", "test_accuracy"):
        np.testing.assert_allclose(few["evaluation"][name], expected["evaluation"][name], rtol=1e-6)
    # Metrics see what they saw, and more images than there are mean all.
    whole = measure_shard(plan, trained, dataset, evaluation_images=10**6, **given)
    plain = measure_shard(plan, trained, dataset, **given)
    xr.testing.assert_identical(whole["evaluation"].to_dataset(), plain["evaluation"].to_dataset())
    xr.testing.assert_identical(few["layers"].to_dataset(), plain["layers"].to_dataset())
