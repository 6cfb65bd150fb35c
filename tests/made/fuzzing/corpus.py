"""A small project in which every kind of file is kept, made by the project's own scripts.

Every kind of experiment once, at sizes that take a fraction of a second; one cube in two versions;
a figure with claims, its crate; a pin. Scripts run as Snakemake runs them, with the parameters that
the rules pass, so receipts, records and plans are what they are in life.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from made.documents import as_yaml

ROOT = Path(__file__).resolve().parents[3]
PRESET = "smoke"
FIGURE = "first_order_chain"
SIGNERS = "signers"
EXPERIMENTS: dict[str, dict[str, Any]] = {
    # A network over time, to which chains of a spring a layer are fitted.
    "network_trajectories": {
        "title": "Small networks over time",
        "dataset": {"source": "digits", "n_train": 40, "n_test": 20, "size": 4},
        "model": {"depth": 3, "width": 6, "batch_norm": True},
        "training": {"epochs": 2, "batch_size": 20},
        "measure": {"metrics": ["data_separation"], "batch_norm_modes": ["batch_statistics"]},
        "grid": {"dropout": [0.1, 0], "negative_slope": [0, 1]},
        "checkpoints": {"every": 1},
    },
    "spring_trajectory_library": {
        "title": "A few chains over time",
        "kind": "simulation",
        "chain": {"order": "first", "length": 2, "stiffness": 1, "target": 1, "step_size": 0.01,
                  "steps": 60, "friction_left": 0.15},
        "grid": {"friction_right": [0, 0.1], "noise_strength": [0.1, 0.3]},
        "checkpoints": {"every": 6},
        "seeds": 2,
    },
    "spring_fit_trajectories": {
        "title": "Chains fitted",
        "kind": "fit",
        "fit": {"target": "network_trajectories", "library": "spring_trajectory_library",
                "quantity": "trajectory"},
    },
    "step": {
        "title": "A small probe",
        "kind": "probe",
        "model": {"family": "residual_mlp", "width": 6, "depth": 4},
        "grid": {"branch_rule": ["1/L", "1"]},
        "seeds": 2,
    },
    FIGURE: {
        "title": "A short chain",
        "kind": "simulation",
        "chain": {"order": "first", "length": 4, "stiffness": 1, "target": 1, "step_size": 0.01,
                  "steps": 60, "friction_right": 0.1, "friction_left": 0.1},
        "grid": {"noise_strength": [0, 0.1]},
        "checkpoints": {"every": 20},
        "seeds": 2,
    },
}  # fmt: skip


def write_settings(folder: Path) -> None:
    """The repository's workflow and config.yaml, and the experiments above."""
    experiments = folder / "config" / "experiments"
    experiments.mkdir(parents=True)
    for name in ("scripts", "rules", "profiles", "data/reference"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Snakefile", "config/config.yaml"):
        shutil.copy2(ROOT / name, folder / name)
    for name, settings in EXPERIMENTS.items():
        (experiments / f"{name}.yaml").write_text(as_yaml(settings), encoding="utf-8")


def make(folder: Path) -> None:
    """The project in a new folder, which is the working folder from then on."""
    import matplotlib

    matplotlib.use("Agg")
    write_settings(folder)
    os.chdir(folder)
    grown = folder / "config" / "experiments" / f"{FIGURE}.yaml"
    whole = grown.read_text(encoding="utf-8")
    grown.write_text(as_yaml({**EXPERIMENTS[FIGURE], "seeds": 1}), encoding="utf-8")
    _Jobs(folder).cube(FIGURE)
    grown.write_text(whole, encoding="utf-8")
    jobs = _Jobs(folder)
    for name in EXPERIMENTS:
        jobs.cube(name)
    jobs.figure(FIGURE)
    (folder / "words.json").write_text("[]", encoding="utf-8")
    _keep(folder)
    if shutil.which("ssh-keygen"):
        _sign(folder)


def _sign(folder: Path) -> None:
    """The records behind one cube, signed; those of others have their seals alone."""
    from layeratlas.cli import main

    key = folder / "key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    public = key.with_suffix(".pub").read_text(encoding="utf-8")
    (folder / SIGNERS).write_text(f"ada@example.org {public}", encoding="utf-8")
    assert main(["seal", f"results/{PRESET}/cubes/step.zarr.zip", "--key", str(key)]) == 0


def _keep(folder: Path) -> None:
    """A pin, an index, the state that an interrupted training leaves, and what is remembered of
    the code."""
    import numpy as np

    import layeratlas
    from layeratlas.cli import main
    from layeratlas.engine import checkpoint
    from layeratlas.workflow import fingerprints

    source, links = Path(layeratlas.__file__).parent, folder / "src" / "layeratlas"
    (links / "__pycache__").mkdir(parents=True)
    for path in source.iterdir():
        if path.name != "__pycache__":
            (links / path.name).symlink_to(path)
    keep: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "_ROOT", links)
        patch.setattr(fingerprints.atexit, "register", keep.append)
        for known in (fingerprints._memory, fingerprints._read, fingerprints._read_file):
            known.cache_clear()
        jobs = _Jobs(folder)
        jobs.atlas.param("assemble_cube", "code", {"experiment": FIGURE})
        keep[0]()

    assert main(["pin", f"{FIGURE}@1", "submitted"]) == 0
    assert main(["log", "--json"]) == 0
    (plan,) = folder.glob("results/*/shards/*/*.plan.json")
    state = {"weights": np.arange(12.0).reshape(3, 4), "epoch": np.array(1)}
    name = plan.name.replace(".plan.json", ".state.npz")
    checkpoint.save(plan.with_name(name), STATE_IDENTITY, state)


STATE_IDENTITY = "plan code data cpu"


class _Jobs:
    """The jobs of the rules, run in this process."""

    def __init__(self, folder: Path):
        from layeratlas.workflow.planning import Workflow

        self.folder = folder
        self.atlas = Workflow({"preset": PRESET}, folder)
        self.results = str(self.atlas.results)

    def cube(self, experiment: str) -> None:
        """All that the cube of an experiment asks for."""
        kind = self.atlas.kind(experiment)
        at = {"experiment": experiment}
        output = _archive("cube", f"{self.results}/cubes/{experiment}")
        if not kind.has_grid:
            found = self.atlas.sources_of(experiment)
            sources = {
                key: name
                for role, stem in found.items()
                for key, name in ((f"{role}_manifest", f"{stem}.json"), (role, f"{stem}.zarr.zip"))
            }
            self.run("fit_springs", sources, output, at)
            return
        for plan in self.atlas.shards(experiment):
            shard = _archive("shard", f"{self.results}/{kind.folder}/{experiment}/{plan.key}")
            which = at | {"key": plan.key}
            if kind.measured:
                self._train(plan, shard, which)
            else:
                self.run(kind.stage, {}, shard, which)
        stems = self.atlas.results_of(experiment)
        made = {
            "manifests": [f"{stem}.json" for stem in stems],
            "measurements": [f"{stem}.zarr.zip" for stem in stems],
        }
        self.run("assemble_cube", made, output, at)

    def _train(self, plan: Any, shard: dict[str, str], at: dict[str, str]) -> None:
        key = self.atlas.dataset_key(plan)
        data = _archive("data", f"{self.results}/datasets/{key}")
        self.run("prepare_dataset", {}, data, {"key": key})
        self.run("train", data, shard, at)
        measured = f"{self.results}/measurements/{at['experiment']}/{at['key']}"
        read = shard | {"data_manifest": data["manifest"], "data": data["data"]}
        self.run("measure", read, _archive("measurement", measured), at)

    def figure(self, name: str) -> None:
        """The figure, its claims, shown and exported."""
        at = {"figure": name}
        stems = [f"{self.results}/cubes/{e}" for e in self.atlas.drawn_from(name)]
        cubes = {
            "manifests": [f"{stem}.json" for stem in stems],
            "cubes": [f"{stem}.zarr.zip" for stem in stems],
            "references": [f"data/reference/{r}" for r in self.atlas.figure(name).references],
        }
        drawn = [f"{self.results}/figures/{name}.{kind}" for kind in ("pdf", "png", "svg")]
        claims = f"{self.results}/claims/{name}.json"
        words = {
            part: f"{self.results}/figures/{name}.caption.{kind}"
            for part, kind in (("caption", "txt"), ("latex", "tex"))
        }
        self.run("draw_figure", cubes, {"figure": drawn, **words}, at)
        self.run("check_claims", cubes, {"claims": claims}, at)
        shown = [f"figures/{name}.{kind}" for kind in ("pdf", "png", "svg")]
        copied = {part: path.removeprefix(f"{self.results}/") for part, path in words.items()}
        self.run(
            "show_figure",
            {"figure": drawn, **words, "claims": claims},
            {"figure": shown, **copied, "claims": f"figures/{name}.claims.json"},
            at,
        )
        crate = {"crate": f"crates/{name}.crate.zip"}
        self.run("export_crate", {"figure": drawn, "claims": [claims]}, crate, at)

    def run(self, rule: str, read: dict, made: dict, at: dict[str, str]) -> None:
        """One job, where its receipt asks for it."""
        from layeratlas.workflow.jobs import JOBS
        from made.recording import snakemake_object

        if self.atlas.receipts.reason(rule, at) is None:
            return
        params = {name: self.atlas.param(rule, name, at) for name in JOBS[rule].names}
        # Named as inputs always are, so that the record knows roles.
        job = snakemake_object(rule, read, made, params, at)
        job.config = {"preset": PRESET, "device": "cpu", "verbose": False}
        runpy.run_path(str(self.folder / "scripts" / f"{rule}.py"), {"snakemake": job}, "__main__")


def _archive(name: str, stem: str) -> dict[str, str]:
    return {"manifest": f"{stem}.json", name: f"{stem}.zarr.zip"}
