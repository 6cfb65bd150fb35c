"""What is probed: who shares a draw, and inputs as the settings say."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.networks.scalings import table
from layeratlas.probes.losses import Linear
from layeratlas.probes.problems import grouped, inputs_and_loss, networks_of, weights_of
from layeratlas.runs.plan import ShardPlan
from layeratlas.runs.streams import generator

SETTINGS = {"step": None, "conditioning": False, "samples": 2, "input": "normal", "loss": "square",
            "target": 1.0, "input_seed": None}  # fmt: skip


def plan(size=1, *, family="mlp", probe=None, **members) -> ShardPlan:
    """A shard of runs of depth 5; keywords change settings and members, one value each."""
    given = {"depth": 5, "width": 8, "n_inputs": 3, "n_outputs": 2, "seed": 1, "setting": "dense",
             "scaling": None} | members  # fmt: skip
    model = {"family": family, "negative_slope": 0.0, "output_activation": True}
    return ShardPlan(
        key="test",
        run_ids=tuple(f"run{i}" for i in range(size)),
        shared={"model": model, "probe": SETTINGS | (probe or {})},
        members={k: v if isinstance(v, tuple) else (v,) * size for k, v in given.items()},
        checkpoints=(0,),
    )


def test_runs_of_one_size_and_seed_share_a_draw_and_calibrated_ones_stand_alone():
    shard = plan(
        5, width=(8, 6, 8, 8, 8), scaling=("fsc", "fsc", None, "fsc_auto", "fsc_auto"),
    )  # fmt: skip
    found = grouped(shard)
    assert [members for _, members in found] == [[1], [0, 2], [3], [4]]
    assert [problem.own for problem, _ in found] == [-1, -1, 3, 4]
    assert len({problem.draw for problem, _ in found}) == 2


def test_draws_are_keyed_by_seed_and_size():
    matrices = []
    for change in ({}, {"seed": 2}, {"depth": 6}, {"width": 9}):
        ((problem, _),) = grouped(plan(**change))
        matrices.append(weights_of(problem).matrix(1)[:8])
    for i, one in enumerate(matrices):
        assert all((one != other).any() for other in matrices[:i])
    ((problem, _),) = grouped(plan())
    np.testing.assert_array_equal(weights_of(problem).matrix(1), matrices[0])


@pytest.mark.parametrize(
    ("kind", "setting", "norm"),
    [("sphere", "dense", 1.0), ("by_setting", "dense", 3**0.5), ("by_setting", "sparse", 1.0)],
)
def test_inputs_have_their_norm(kind, setting, norm):
    shard = plan(probe={"input": kind, "samples": 7}, setting=setting)
    x, _ = inputs_and_loss(shard, grouped(shard)[0][0])
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), norm)
    assert (np.sort(x, axis=1)[:, :-1] == 0).all() == (setting == "sparse")


def test_one_input_for_all_runs_where_asked_for():
    def first(seed, input_seed):
        shard = plan(probe={"input_seed": input_seed}, seed=seed)
        return inputs_and_loss(shard, grouped(shard)[0][0])[0]

    np.testing.assert_array_equal(first(1, 9), first(2, 9))
    assert (first(1, None) != first(2, None)).all()


@pytest.mark.parametrize(("setting", "norm"), [("dense", 0.5**0.5), ("sparse", 1.0)])
def test_a_prescribed_gradient_has_the_norm_of_its_setting(setting, norm):
    shard = plan(probe={"loss": "linear", "samples": 1}, setting=setting)
    _, loss = inputs_and_loss(shard, grouped(shard)[0][0])
    assert isinstance(loss, Linear)
    assert np.linalg.norm(loss.gradient(np.zeros((1, 1, 2)))) == pytest.approx(norm)


def test_networks_have_the_spread_and_rates_of_their_table():
    varied = {"scaling": ("resnet_fsc", "kaiming"), "branch_scale": (0.4, 0.2)}
    shard = plan(2, family="residual_mlp", **varied)
    ((problem, members),) = grouped(shard)
    network, rates = networks_of(shard, problem, members)
    for i, (name, beta) in enumerate((("resnet_fsc", 0.4), ("kaiming", 0.2))):
        want = table(name, 5, 8, 3, 2, beta)
        np.testing.assert_array_equal(network.multipliers[i], want.stds)
        np.testing.assert_array_equal(rates[i], want.learning_rates)
        assert network.branch_scale[i] == beta
    plain, rates = networks_of(plan(), problem, [0])
    assert rates is None and plain.output_activation
    np.testing.assert_allclose(plain.multipliers[0], [3**-0.5, *[0.5] * 3, 1 / 8])


@pytest.mark.parametrize("setting", ["dense", "sparse"])
def test_inputs_and_targets_are_drawn_apart(setting):
    """Input and target each have a stream, keyed by the seed; one-hot inputs differ by sample."""
    shard = plan(probe={"target": "normal", "samples": 9, "input": "by_setting"}, setting=setting)
    x, loss = inputs_and_loss(shard, grouped(shard)[0][0])
    drawn = generator(1, "probe/input").standard_normal((9, 3))
    if setting == "sparse":
        expected = [[float(v == max(row)) for v in row] for row in drawn]
        assert len({row.tobytes() for row in x}) > 1
    else:
        expected = [3**0.5 * row / np.sqrt((row**2).sum()) for row in drawn]
    np.testing.assert_allclose(x, expected)
    y = generator(1, "probe/target").standard_normal((9, 2))
    np.testing.assert_array_equal(loss.target, y)
