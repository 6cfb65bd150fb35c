"""SIGKILL to jobs of every rule: nothing torn, the same bytes in the end, nothing left after gc."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from made import killing
from made.documents import as_yaml

from layeratlas.provenance.store.garbage import collect_garbage
from layeratlas.provenance.store.verify import verify
from layeratlas.workflow.jobs import JOBS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

DATA = {"source": "digits", "n_train": 64, "n_test": 32, "size": 4}
MODES = ["running_statistics", "batch_statistics"]
# Names that figures ask for: between them, these targets need a job of every rule.
EXPERIMENTS = {
    "network_trajectories": {
        "dataset": DATA, "model": {"depth": 8, "width": 8}, "checkpoints": {"every": 1},
        "training": {"epochs": 4, "batch_size": 32, "early_stop": None},
        "grid": {"negative_slope": [0, 0.8], "dropout": [0, 0.28]},
        "measure": {"metrics": ["data_separation"], "batch_norm_modes": MODES},
    },
    "spring_trajectories": {
        "kind": "simulation", "chain": {"length": 7, "steps": 2000}, "checkpoints": {"every": 20},
        "grid": {"friction_right": [0.1, 0.02], "noise_strength": [0, 0.3]}, "seeds": 2,
    },
    "fitted": {
        "kind": "fit", "fit": {"target": "network_trajectories", "library": "spring_trajectories"},
    },
    "reduced": {
        "kind": "reduction",
        "reduction": {"function": "difference", "of": ["fitted", "fitted_too"]},
    },
    "fitted_too": {
        "kind": "fit", "fit": {"target": "network_trajectories", "library": "spring_trajectories"},
    },
    "hp_resnet": {
        "kind": "probe", "model": {"family": "residual_mlp", "width": 20, "n_inputs": 4},
        "scaling": {"name": "resnet_fsc"}, "probe": {"trained": "all", "learning_rates": "scaling"},
        "grid": {"branch_rule": ["1/sqrt(L)", "1/L"], "depth": [5, 10, 20], "width": [20, 40, 80],
                 "setting": ["dense", "sparse"]},
    },
}  # fmt: skip
TARGETS = (
    "figures/lazy_active.pdf", "figures/lazy_active.gif", "figures/hp_resnet.tex",
    "figures/maps/network_trajectories/data_separation.pdf", "results/smoke/cubes/reduced.json",
    "export/network_trajectories.zarr", "export/network_trajectories.layers.nc",
    "crates/lazy_active.crate.zip", "crates/maps/network_trajectories/data_separation.crate.zip",
)  # fmt: skip
# Appended to the frame of the copy: every job leaves what it was asked.
NOTING = """

_job = job


def job(snakemake):
    import os, pickle, time

    if folder := os.environ.get("NOTED_JOBS"):
        name = f"{time.time_ns()}-{snakemake.rule}.pickle"
        with open(os.path.join(folder, name), "wb") as file:
            pickle.dump(snakemake, file)
    return _job(snakemake)
"""


def killed(project, jobs: Path, kills: int, seed: int) -> dict[str, dict[str, int]]:
    """The harness in a process of its own; what it counted, by rule."""
    done = subprocess.run(
        [sys.executable, killing.__file__, str(jobs), str(kills), str(seed)],
        cwd=project.folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def contents(folder: Path) -> dict[str, str | None]:
    """Of all that jobs made, but logs and records."""
    return {
        path.relative_to(folder).as_posix(): killing.content(path)
        for top in ("results", "figures", "export", "crates", "store/objects")
        for path in sorted((folder / top).rglob("*"))
        if path.is_file() and not {"logs", "changed"} & set(path.parts) and path.name[0] != "."
    }


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    """Where this test's jobs have their scratch folders."""
    (folder := tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def nothing_is_left(project, scratch: Path) -> int:
    """Collect garbage as a user does; returns how much was left before."""
    gone = collect_garbage(project.folder, apply=True)
    left = killing.temporaries(project.folder, scratch)
    assert not left and not list(scratch.glob("layeratlas.*"))
    return int((gone["kind"] != "object").sum())


def test_some_kills(inside, scratch, tmp_path):
    """Of the jobs that make a cube: few enough for every day."""
    inside.write(shard_size=40)
    atlas = inside.atlas()
    (plan,) = atlas.shards("tiny")
    jobs = [
        inside.prepare_job(atlas, plan),
        inside.train_job(atlas, plan, save_every=1e-9),
        inside.measure_job(atlas, plan),
        inside.assemble_job(atlas),
    ]
    (noted := tmp_path / "jobs").mkdir()
    for i, job in enumerate(jobs):
        (noted / f"{i}.pickle").write_bytes(pickle.dumps(job))
    told = killed(inside, noted, kills=2, seed=1)
    assert [one["kills"] for one in told.values()] == [2] * 4
    nothing_is_left(inside, scratch)
    table = verify(root=inside.folder)
    assert set(table["status"]) == {"ok"}, table[table["status"] != "ok"]


@pytest.mark.slow
def test_two_hundred_kills_over_every_rule(project, scratch, tmp_path, monkeypatch):
    (noted := tmp_path / "jobs").mkdir()
    monkeypatch.setenv("NOTED_JOBS", str(noted))
    (project.folder / "config/experiments/tiny.yaml").unlink()
    for name, text in EXPERIMENTS.items():
        path = project.folder / "config" / "experiments" / f"{name}.yaml"
        path.write_text(as_yaml({"title": name, **text}))
    project.edit("workflow/frame.py", NOTING)
    project.make(*TARGETS)
    undisturbed = contents(project.folder)

    monkeypatch.delenv("NOTED_JOBS")
    monkeypatch.setenv("PYTHONPATH", str(project.folder / "src"))
    told = killed(project, noted, kills=13, seed=2)
    # Scoreboard and atlas ask for claims of figures that are not drawn here, and are written as a
    # table is.
    assert set(told) == set(JOBS) - {"write_claims", "write_atlas"}
    assert all(one["kills"] == 13 for one in told.values())
    left = nothing_is_left(project, scratch)
    total = {name: sum(one[name] for one in told.values()) for name in ("kills", "ended", "left")}
    assert total["kills"] >= 200 and total["left"] > 20, "the kills came at moments that matter"
    print(json.dumps({**told, "total": total, "collected": left}))

    # Whatever Snakemake still finds to do, it ends with what an undisturbed one made.
    project.make(*TARGETS)
    assert "Nothing to be done" in project.make(*TARGETS)
    again = contents(project.folder)
    assert {path for path in undisturbed if again.get(path) != undisturbed[path]} == set()
    nothing_is_left(project, scratch)
    assert not set(verify(root=project.folder)["status"]) - {"ok"}
