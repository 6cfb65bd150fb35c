"""Experiments of chains whose boundary is looked for."""

from __future__ import annotations

from pathlib import Path

from layeratlas.config.experiment import Experiment, load_experiment
from made.documents import as_yaml
from made.project import Project

TEXT = """
kind: simulation
title: Chains
grid: {noise_strength: [0.1, 0.5], friction_right: [0, 0.2]}
refine: {of: convexity_index, axes: [noise_strength, friction_right], budget: 50%s}
"""
CHAINS = {
    "kind": "simulation",
    "title": "Chains",
    "chain": {"steps": 1500, "friction_left": 0.15},
    "grid": {"noise_strength": [0.05, 0.25, 0.5], "friction_right": [0.02, 0.2]},
    "refine": {
        "of": "convexity_index",
        "axes": ["noise_strength", "friction_right"],
        "tolerance": 0.002,
        "budget": 28,
        "batch": 7,
        "seeds": {"from": 2, "to": 6},
    },
}


def chains(folder: Path, more: str = "", name: str = "chains") -> Experiment:
    """A small one of these, with more said of `refine`."""
    (folder / f"{name}.yaml").write_text(TEXT % more)
    return load_experiment(name, "smoke", folder)


def project(folder: Path, **changes) -> Project:
    """A clone with the experiment `chains`."""
    made = Project.fresh(folder)
    write(made, "chains", **changes)
    return made


def write(made: Project, name: str, **changes) -> None:
    """An experiment of chains."""
    asked = {key: value for key, value in {**CHAINS, **changes}.items() if value is not None}
    path = made.folder / "config" / "experiments" / f"{name}.yaml"
    path.write_text(as_yaml(asked))
