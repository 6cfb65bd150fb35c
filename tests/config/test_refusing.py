"""Every refusal in words, as docs/configuration.md shows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from made.documents import as_yaml
from made.refusals import CASES, Case, parsed, write

from layeratlas.config.experiment import load_experiment
from layeratlas.errors import ConfigError


def _refusal(case: Case, folder: Path) -> str:
    """The whole message of the refusal."""
    write(folder, case)
    with pytest.raises(ConfigError) as caught:
        load_experiment("x", "laptop", folder)
    return str(caught.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what.replace(" ", "-"))
def test_wrong_experiments_are_refused_in_one_sentence(case, tmp_path):
    message = _refusal(case, tmp_path)
    assert "\n" not in message
    assert message.startswith(f"{tmp_path / 'x.yaml'}")
    told, _, rest = case.error.partition("…")
    assert told in message, message
    assert rest == "" and (message.endswith(told) or "…" in case.error), message


PROBE = """
title: A probe
kind: probe
model: {family: residual_mlp, depth: 6, width: 8}
grid: {depth: [4, 6]}
"""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": {"branch_scale": 1.5}}, "branch_scale must lie in [0, 1], not 1.5"),
        ({"model": {"branch_scale": -0.1}}, "branch_scale must lie in [0, 1], not -0.1"),
        ({"model": {"branch_scale": "1/l"}},
         "branch_scale must be a number or a rule such as '1/L', '0.5/sqrt(L)' or '1', not '1/l'"),
        ({"model": {"branch_scale": "3/sqrt(L)"}},
         "branch_scale must lie in [0, 1], not 3/sqrt(L) (1.22474 at depth 6)"),
        ({"grid": {"branch_rule": ["1/L", "3/L"], "depth": [5, 2]}},
         "grid.depth[1]: input should be greater than or equal to 3; got 2"),
        ({"grid": {"branch_rule": ["1/L", 0.5]}}, "grid.branch_rule[1]: expected text, got 0.5"),
        ({"grid": {"branch_scale": ["1/L"]}}, "grid.branch_scale[0]: expected a number, got '1/L'"),
        ({"grid": {"branch_scale": [0.1], "branch_rule": ["1/L"]}},
         "grid: axes 'branch_scale' and 'branch_rule' both set model.branch_scale; keep one"),
        ({"model": {"depth": 2}}, "model.depth: input should be greater than or equal to 3; got 2"),
        ({"scaling": {"name": "fsc"}},
         "scaling 'fsc' is not defined for architecture 'residual_mlp'; use one of resnet_fsc, "
         "default, kaiming"),
        ({"scaling": {"name": "resnet_fsc"}, "grid": {"branch_scale": [0.5, 1.0], "depth": [40]}},
         "scaling 'resnet_fsc' holds for branch_scale of order 1/sqrt(depth); 1 at depth 40 is"),
        ({"scaling": {"name": "fcs"}}, "scaling.name: input should be 'ntk', 'mf_mup'"),
        ({"grid": {"scaling": ["resnet_fsc", "fcs"]}}, "grid.scaling[1]: input should be 'ntk'"),
        ({"probe": {"learning_rates": "scaling"}},
         "probe.learning_rates 'scaling' needs scaling.name, e.g. 'fsc'; or 'balanced'"),
        ({"probe": {"step": 0.0}}, "probe.step: input should be greater than or equal to 1e-12"),
        ({"training": {"epochs": 3}}, "training: not a setting of an experiment of kind 'probe'"),
        ({"model": {"dropout": 0.1}}, "model.dropout: unknown key; known: branch_scale, depth"),
        ({"grid": {"dropout": [0.1]}}, "grid.dropout: unknown axis; known: "),
        ({"grid": {"depth": {"from": 3, "to": 9, "points": 2, "spacing": "even"}}},
         "grid.depth.spacing: expected linear or log"),
        ({"grid": {"depth": {"from": 9, "to": 3}}}, "grid.depth: expected from < to, got 9 and 3"),
        ({"grid": {"depth": {"from": 3, "to": 9.5}}}, "grid.depth: expected whole numbers"),
        ({"grid": {"depth": {"from": 3, "upto": 9}}}, "grid.depth: upto: unknown key"),
        ({"grid": {"branch_scale": {"from": 0, "to": 1, "points": 3, "spacing": "log"}}},
         "grid.branch_scale.from: logarithmic spacing needs a positive number, got 0"),
        ({"grid": {"branch_scale": {"from": 0.1, "to": 1, "points": 1}}},
         "grid.branch_scale.points: expected an integer of at least 2, got 1"),
    ],
)  # fmt: skip
def test_wrong_probes_are_refused(changes, told, tmp_path):
    raw = parsed(PROBE)
    for section, values in changes.items():
        raw[section] = values if section == "grid" else {**raw.get(section, {}), **values}
    (tmp_path / "x.yaml").write_text(as_yaml(raw))
    with pytest.raises(ConfigError) as caught:
        load_experiment("x", "laptop", tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'x.yaml'}")
    assert told in message
    assert "\n" not in message


def test_there_are_enough_cases():
    assert len({case.what for case in CASES}) == len(CASES) >= 25
