"""A shard of probes: labelled numbers that depend on a run's own settings alone."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.kinds.probe import PROBE, ProbeRun
from layeratlas.networks.scalings import table
from layeratlas.probes import problems
from layeratlas.probes.shard import probe_shard
from layeratlas.probes.variables import VARIABLES
from layeratlas.runs.run import Run as GridRun
from layeratlas.runs.sharding import plan_shards
from layeratlas.runs.status import DIVERGED, OK
from layeratlas.storage import publish


def plans(points, size: int = 1000, **fixed):
    """Shards of runs at `points`, settings by dotted name; `fixed` are sections."""
    runs = []
    for i, point in enumerate(points):
        raw = {name: dict(section) for name, section in fixed.items()}
        for name, value in point.items():
            if name == "seed":
                raw["seed"] = value
                continue
            section, key = name.split(".")
            raw.setdefault(section, {})[key] = value
        plain = ProbeRun.model_validate(raw, strict=True).canonical()
        runs.append(GridRun(f"run{i}", {}, plain, (0,)))
    return plan_shards(runs, size, PROBE.members)


def probe(points, **fixed) -> xr.DataTree:
    (plan,) = plans(points, **fixed)
    return probe_shard(plan)


def variables(tree: xr.DataTree):
    for node in tree.subtree:
        for name, variable in node.to_dataset(inherit=False).data_vars.items():
            if name in VARIABLES:
                yield name, variable


RESNET = {"model": {"family": "residual_mlp"}, "probe": {"step": 1e-3}}
POINTS = [
    {"model.depth": depth, "model.width": width, "model.branch_scale": beta, "seed": seed}
    for depth, width, beta, seed in itertools.product(
        (5, 12), (16, 24), ("1/L", "1/sqrt(L)", 1.0), (1, 2)
    )
]


@pytest.mark.parametrize("samples", [1, 3, 9])
def test_a_run_has_the_same_bits_in_any_shard(samples):
    fixed = {**RESNET, "probe": {"step": 1e-3, "samples": samples}}
    together = probe(POINTS, **fixed)
    rows = {run: i for i, run in enumerate(together["run_id"].values)}
    alone = probe(POINTS[3:4], **fixed)
    few = probe(POINTS[::-5], **fixed)
    for tree, points in ((alone, POINTS[3:4]), (few, POINTS[::-5])):
        for (name, one), (_, all_) in zip(variables(tree), variables(together), strict=True):
            for i, point in enumerate(points):
                longest = one.sizes.get("layer", 0)
                whole = all_.isel(run=rows[f"run{POINTS.index(point)}"]).values
                whole = whole[..., :longest] if longest else whole
                np.testing.assert_array_equal(one.isel(run=i).values, whole, err_msg=name)


def test_sizes_and_settings_may_differ_in_a_shard():
    points = [
        {"model.n_inputs": d, "model.n_outputs": k, "scaling.setting": setting, "seed": 1,
         "scaling.name": name}
        for d, k, setting, name in itertools.product(
            (3, 6), (1, 2), ("dense", "sparse"), ("fsc", "fsc_auto")
        )
    ]  # fmt: skip
    fixed = {"model": {"depth": 4, "width": 16},
             "probe": {"input": "by_setting", "loss": "linear", "trained": "all"}}  # fmt: skip
    together = probe(points, **fixed)
    for i, point in enumerate(points):
        alone = probe([point], **fixed)
        for (name, one), (_, all_) in zip(variables(alone), variables(together), strict=True):
            np.testing.assert_array_equal(one[0].values, all_[i].values, err_msg=name)


@settings(max_examples=15)
@given(
    depth=st.integers(3, 7), width=st.integers(2, 9), n_inputs=st.integers(1, 4),
    n_outputs=st.integers(1, 3), samples=st.integers(1, 4),
    beta=st.sampled_from([0.0, 0.2, 0.7, 1.0]), slope=st.sampled_from([0.0, 0.3, 1.0]),
    seed=st.integers(0, 99), trained=st.sampled_from(["hidden", "all"]),
)  # fmt: skip
def test_against_autograd(depth, width, n_inputs, n_outputs, samples, beta, slope, seed, trained):
    """The labelled variables are those of Eq. 12 in plain torch: gradients, a JVP, norms."""
    model = {
        "family": "residual_mlp", "depth": depth, "width": width, "n_inputs": n_inputs,
        "n_outputs": n_outputs, "branch_scale": beta, "negative_slope": slope,
    }  # fmt: skip
    step = {"samples": samples, "trained": trained, "loss": "square", "learning_rates": "scaling"}
    point = {"seed": seed}
    fixed = {"model": model, "probe": step, "scaling": {"name": "kaiming"}}
    (plan,) = plans([point], **fixed)
    ((problem, _),) = problems.grouped(plan)
    weights = problems.weights_of(problem)
    x, loss = problems.inputs_and_loss(plan, problem)
    stds = table("kaiming", depth, width, n_inputs, n_outputs, beta, negative_slope=slope).stds
    W = [torch.from_numpy(s * weights.matrix(i + 1)) for i, s in enumerate(stds)]
    free = [trained == "all" or 0 < i < depth - 1 for i in range(depth)]
    inputs = torch.from_numpy(x)

    def features(*matrices):
        f = [inputs @ matrices[0].T]
        for w in matrices[1:-1]:
            phi = torch.where(f[-1] > 0, f[-1], slope * f[-1])
            f.append((1 - beta**2) ** 0.5 * f[-1] + beta * phi @ w.T)
        return (*f, f[-1] @ matrices[-1].T)

    leaves = [w.clone().requires_grad_() for w in W]
    f = features(*leaves)
    value = ((f[-1] - loss.target) ** 2).sum() / (2 * f[-1].numel())
    gradients = torch.autograd.grad(value, [*leaves, *f], allow_unused=True, materialize_grads=True)
    G, b = gradients[:depth], gradients[depth:]
    tangents = tuple(-g if on else torch.zeros_like(g) for g, on in zip(G, free, strict=True))
    _, velocity = torch.func.jvp(features, tuple(W), tangents)

    tree = probe_shard(plan)
    layers = tree["layers"].to_dataset().isel(run=0)
    moves = tree["velocities"].to_dataset().isel(run=0, derivative=0)
    np.testing.assert_allclose(
        float(tree["loss"][0]), float(value.detach()), rtol=1e-10, atol=1e-30
    )
    C = [float((g**2).sum()) * on for g, on in zip(G, free, strict=True)]
    np.testing.assert_allclose(layers["contribution"][1:], C, rtol=1e-9, atol=1e-25)
    np.testing.assert_allclose(layers["loss_decay"][1:], np.cumsum(C), rtol=1e-9, atol=1e-25)
    for v in range(1, depth + 1):
        rms = [float((t**2).mean().sqrt()) for t in (f[v - 1], b[v - 1], velocity[v - 1])]
        found = [layers["feature_norm"][v], layers["backward_norm"][v],
                 moves["feature_velocity"][v]]  # fmt: skip
        np.testing.assert_allclose(found, rms, rtol=1e-8, atol=1e-20)
        inner = -float((b[v - 1] * velocity[v - 1]).sum())
        if rms[1] > 1e-9 and rms[2] > 1e-9:
            norm = rms[1] * rms[2] * b[v - 1].numel()
            np.testing.assert_allclose(
                moves["cos_backward_feature_angle"][v], inner / norm, rtol=1e-7, atol=1e-9
            )


def test_draws_are_shared_by_branch_scales_and_independent_between_depths():
    tree = probe(POINTS, **RESNET)
    gradient = tree["output_gradient_norm"].values
    first = tree["layers"].to_dataset()["feature_norm"].sel(layer=1).values
    # The embedding, the same for all β of a draw, is the first feature.
    for i in range(0, len(POINTS), 6):
        one = first[i : i + 6].reshape(3, 2)
        assert (one[0] == one[1]).all()
        assert (one[0] == one[2]).all()
    assert len(set(first.tolist())) == 8
    assert len(set(gradient.tolist())) == len(POINTS)


@pytest.mark.parametrize(
    ("setting", "square", "gradient"), [("dense", 6.0, 1 / np.sqrt(3)), ("sparse", 1.0, 1.0)]
)
def test_inputs_and_gradients_of_the_two_settings(setting, square, gradient):
    tree = probe(
        [{"seed": s} for s in range(4)],
        model={"depth": 4, "width": 8, "n_inputs": 6, "n_outputs": 3},
        scaling={"name": "fsc", "setting": setting},
        probe={"input": "by_setting", "loss": "linear", "trained": "all"},
    )
    norm = tree["layers"].to_dataset()["feature_norm"].sel(layer=0) ** 2 * 6
    np.testing.assert_allclose(norm, square, rtol=1e-14)
    np.testing.assert_allclose(tree["output_gradient_norm"], gradient, rtol=1e-14)


@pytest.mark.parametrize("family", ["mlp", "residual_mlp"])
def test_calibrated_networks_move_as_the_paper_says(family):
    """§4.2: −dloss/dt = |ḟ_{L−1}|_rms = 1 and every C_l = 1/L."""
    depth = 7
    tree = probe(
        [{"seed": s} for s in range(3)],
        model={"family": family, "depth": depth, "width": 20, "n_outputs": 2},
        scaling={"name": "fsc_auto"},
        probe={"trained": "all"},
    )
    np.testing.assert_allclose(tree["network/loss_change"][:, 0], -1, rtol=1e-10)
    moves = tree["velocities"].to_dataset().isel(derivative=0)
    np.testing.assert_allclose(moves["feature_velocity"].sel(layer=depth - 1), 1, rtol=1e-10)
    C = tree["layers"].to_dataset()["contribution"].sel(layer=slice(1, None))
    np.testing.assert_allclose(C, 1 / depth, rtol=1e-10)


def test_shallow_networks_are_padded_and_counted():
    tree = probe(POINTS, **RESNET)
    n = tree["n_layers"].values
    assert set(n) == {6, 13}
    finite = tree["layers"].to_dataset()["feature_norm"].notnull().sum("layer")
    np.testing.assert_array_equal(finite, n)


def test_a_network_that_the_step_blows_up_is_lost():
    """Its loss before the step is a number; what the step makes of it is none."""
    (plan,) = plans(POINTS[:2], **RESNET)
    # A step that no experiment may ask for.
    settings = plan.shared["probe"]
    sound, lost = (
        probe_shard(replace(plan, shared={**plan.shared, "probe": settings | {"step": step}}))
        for step in (1e-3, 1e200)
    )
    assert np.isfinite(lost["loss"]).all() and not np.isfinite(lost["network"]["loss_change"]).all()
    assert sound["status"].values.tolist() == [OK, OK]
    assert lost["status"].values.tolist() == [DIVERGED, DIVERGED]


def test_two_derivatives_only_where_a_step_is_asked_for():
    assert list(probe(POINTS[:1], **RESNET)["velocities"]["derivative"].values) == [
        "exact", "finite_step",
    ]  # fmt: skip
    exact = probe(POINTS[:1], model={"family": "residual_mlp"})
    assert list(exact["velocities"]["derivative"].values) == ["exact"]


def test_the_table_of_variables_is_what_a_shard_holds():
    tree = probe(
        [{"seed": 1}], model={"depth": 4, "width": 6}, probe={"step": 0.1, "conditioning": True}
    )
    held = {name for name, _ in variables(tree)}
    assert held == set(VARIABLES)
    for name, variable in variables(tree):
        assert variable.attrs["units"] == VARIABLES[name].units
        assert variable.dtype == np.float64


def test_the_documented_snippet_runs(probed, tmp_path, monkeypatch):
    text = (Path(__file__).parents[2] / "docs" / "cubes.md").read_text(encoding="utf-8")
    section = text.partition("### Cubes of probes")[2].partition("### ")[0]
    (snippet,) = re.findall(r"```python\n(.*?)```", section, re.S)
    monkeypatch.chdir(tmp_path)
    cube = probed.cube("bfa_depth")
    publish(cube, tmp_path / "results/laptop/cubes/bfa_depth.zarr.zip")
    names: dict = {}
    exec(compile(snippet, "docs/cubes.md", "exec"), names)
    assert names["angle"].dims == ("branch_rule", "depth", "seed")
    assert names["angle"].notnull().all()
    for node in cube.subtree:
        for name in node.data_vars:
            assert f"`{name}`" in text, name
