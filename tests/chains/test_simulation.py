"""A shard of chains as labelled data, each run as its settings say."""

from __future__ import annotations

import numpy as np
import pytest

from layeratlas.chains.integrators import first_order
from layeratlas.chains.simulation import simulate_shard
from layeratlas.config.expansion import expand
from layeratlas.config.experiment import load_experiment
from layeratlas.kinds import KINDS
from layeratlas.runs.sharding import plan_shards


@pytest.fixture
def plan(tmp_path):
    """`plan(**chain)`: the one shard of a small experiment."""

    def build(grid="{friction_right: [0.0, 0.1], noise_strength: [0.0, 0.2]}", **chain):
        lines = "".join(f", {name}: {value}" for name, value in chain.items())
        (tmp_path / "x.yaml").write_text(
            f"kind: simulation\ntitle: t\nchain: {{steps: 40{lines}}}\ngrid: {grid}\n"
            "seeds: [3, 1]\ncheckpoints: [0, 10, final]\n"
        )
        e = load_experiment("x", "smoke", tmp_path)
        (shard,) = plan_shards(expand(e), e.shard_size, KINDS["simulation"].members)
        return shard

    return build


def test_each_run_is_the_chain_of_its_settings(plan):
    shard, done = plan(), []
    tree = simulate_shard(shard, done.append)
    layers = tree["layers"].to_dataset()
    D = layers["spring_separation"]
    assert D.dims == ("run", "step", "layer")
    assert D.dtype == np.float32
    assert list(layers["step"].values) == [0, 10, 40]
    assert layers["layer_name"].values[0] == "wall"
    assert sum(done) == 40 * 8
    for i in range(8):
        member = {name: values[i] for name, values in shard.members.items()}
        seed, noise = member.pop("seed"), member.pop("noise_strength")
        chain = {name: value for name, value in shard.shared["chain"].items() if name != "order"}
        alone = first_order(**chain, **member, noise=noise, seeds=[seed], record=[0, 10, 40])
        np.testing.assert_array_equal(D[i], alone[0].astype("f4"))
    assert (tree["status"] == 0).all()
    assert list(tree["run_id"].values) == list(shard.run_ids)


def test_chains_with_inertia_have_velocities(plan):
    shard = plan(grid="{noise_strength: [0.0, 0.01]}", order="second", stiffness=0.1)
    layers = simulate_shard(shard)["layers"].to_dataset()
    assert (layers["spring_velocity"].isel(step=0) == 0).all()
    assert float(abs(layers["spring_velocity"]).max()) > 0
    assert "spring_velocity" not in simulate_shard(plan())["layers"].to_dataset()


def test_a_chain_that_leaves_the_finite_numbers_is_marked(plan, monkeypatch):
    from layeratlas.chains import simulation

    def broken(**settings):
        D = first_order(**settings)
        D[2, 1] = np.inf
        D[5, 2, 3] = np.nan
        return D

    monkeypatch.setattr(simulation, "first_order", broken)
    assert simulate_shard(plan())["status"].values.tolist() == [0, 0, 1, 0, 0, 1, 0, 0]


def test_a_chain_that_ends_far_from_its_wall_has_exploded(plan, monkeypatch):
    from layeratlas.chains import simulation

    def far(**settings):
        D = first_order(**settings)
        D[2, 1] = 1e12  # on the way only
        D[5, 2, 3] = -1e12
        D[6, 2, 3] = np.nan
        return D

    monkeypatch.setattr(simulation, "first_order", far)
    assert simulate_shard(plan())["status"].values.tolist() == [0, 0, 0, 0, 0, 3, 1, 0]
    assert (simulate_shard(plan(explosion_limit=1e-6))["status"] > 0).all()
    assert (simulate_shard(plan(explosion_limit=1e13))["status"].values == [0] * 6 + [1, 0]).all()
