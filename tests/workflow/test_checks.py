"""`verify` covers plans, claims, receipts and the places of runs, all of them and one by name."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import xarray as xr
from made.documents import as_yaml

from layeratlas.bounded.seals import sealed
from layeratlas.chains.simulation import simulate_shard
from layeratlas.claims.claim import judge
from layeratlas.claims.files import to_json
from layeratlas.cli import main
from layeratlas.config.expansion import describe, expand
from layeratlas.config.experiment import load_experiment
from layeratlas.cubes.assembling import assemble
from layeratlas.kinds import KINDS
from layeratlas.provenance.store.verify import verify
from layeratlas.runs.plan import ShardPlan, write_plan
from layeratlas.runs.sharding import plan_shards
from layeratlas.storage import publish

RESULTS = Path("results/smoke")
CHAINS = {
    "title": "Chains",
    "kind": "simulation",
    "chain": {"length": 3, "steps": 20},
    "grid": {"noise_strength": [0.0, 0.1]},
    "seeds": 2,
}


@pytest.fixture
def plan(tmp_path, monkeypatch) -> ShardPlan:
    """A project with a shard of chains, its cube, claims and a receipt; all as they should be."""
    monkeypatch.chdir(tmp_path)
    Path("provenance/records").mkdir(parents=True)
    Path("x.yaml").write_text(as_yaml(CHAINS))
    experiment = load_experiment("x", "smoke", tmp_path)
    runs = expand(experiment)
    (plan,) = plan_shards(runs, 40, KINDS["simulation"].members)
    folder = RESULTS / "simulations/x"
    write_plan(folder, plan)
    measured = simulate_shard(plan)
    publish(measured, folder / f"{plan.key}.zarr.zip")
    publish(
        assemble(**describe(experiment, runs), measured=[measured]), RESULTS / "cubes/x.zarr.zip"
    )
    claim = judge(
        id="1", figure="f", subject="s", statement="small", source="u", value=0.5, n=1,
        comparison="<=", threshold=1.0,
    )  # fmt: skip
    receipt = json.dumps(sealed({"params": {}, "inputs": {}, "outputs": {}}))
    for name, text in (
        ("results/smoke/claims/f.json", to_json([claim])),
        ("figures/f.claims.json", to_json([claim])),
        ("results/smoke/receipts/simulate/x/0f.json", receipt),
        ("results/receipts/show_figure/f.json", receipt),
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    return plan


def damaged(*paths: str) -> list[str]:
    """Paths that are found to be damaged, of all files or of some."""
    table = verify(list(paths) or None)
    return sorted(table[table["status"] == "damaged"]["path"])


def test_what_is_right_is_found_to_be(plan, capsys):
    kinds = verify().groupby("kind")["status"].agg(set)
    assert kinds["plan"] == kinds["receipt"] == {"ok"}
    # Of files that no record tells of, that is said; no second row says that they are fine.
    assert kinds["file"] == {"unrecorded"} and set(kinds.index) == {"plan", "receipt", "file"}
    assert main(["verify"]) == 0
    path = RESULTS / f"simulations/x/{plan.key}.plan.json"
    assert main(["verify", str(path)]) == 0 and "1 ok" in capsys.readouterr().out


def test_two_exchanged_values_of_a_plan(plan, capsys):
    """The seal of whoever exchanged them fits; their ids do not."""
    values = plan.members["noise_strength"]
    wrong = dataclasses.replace(plan, members={**plan.members, "noise_strength": values[::-1]})
    write_plan(RESULTS / "simulations/x", wrong)
    path = (RESULTS / f"simulations/x/{plan.key}.plan.json").as_posix()
    assert damaged() == damaged(path) == [path]
    assert main(["verify"]) == main(["verify", path]) == 1
    assert "settings beside it" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.parametrize(
    "name",
    ["results/smoke/claims/f.json", "figures/f.claims.json", "results/receipts/show_figure/f.json",
     "results/smoke/receipts/simulate/x/0f.json", "plan"],
)  # fmt: skip
@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "broken seal"])
def test_a_broken_one_is_named_and_the_rest_is_answered(plan, name, text):
    if name == "plan":
        name = (RESULTS / f"simulations/x/{plan.key}.plan.json").as_posix()
    if text == "broken seal":
        text = json.dumps({**json.loads(Path(name).read_text()), "seal": "0" * 64})
    before = len(verify())
    Path(name).write_text(text)
    table = verify().set_index("path")
    assert damaged() == damaged(name) == [name]
    problem = table[table["status"] == "damaged"].loc[name, "problem"]
    assert Path(name).name in problem and len(problem) <= 400
    assert len(table) - before in (0, 1)


def test_runs_that_do_not_stand_where_their_ids_say(plan):
    """Whole, and as their manifests say: only what they mean is wrong."""
    shard, cube = RESULTS / f"simulations/x/{plan.key}.zarr.zip", RESULTS / "cubes/x.zarr.zip"
    with xr.open_datatree(cube) as tree:
        loaded = tree.load()
    turned = loaded.assign(
        run_id=loaded["run_id"].copy(data=loaded["run_id"].values[::-1]).variable
    )
    publish(turned, cube)
    assert damaged() == damaged(cube.as_posix()) == [cube.as_posix()]
    with xr.open_datatree(shard) as tree:
        loaded = tree.load()
    ids = loaded["run_id"].variable
    publish(loaded.assign(run_id=ids.copy(data=ids.values[::-1])), shard)
    assert damaged() == [cube.as_posix(), shard.as_posix()]
