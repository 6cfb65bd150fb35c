"""Reductions: what they ask of the experiments that they are made of."""

from __future__ import annotations

import pytest
from made.documents import as_yaml

from layeratlas.config.experiments import load_experiments
from layeratlas.errors import ConfigError
from layeratlas.extending.places import VARIABLE
from layeratlas.kinds import reduction
from layeratlas.kinds.reduction import REDUCTION, Reduction, ReductionSettings
from layeratlas.tables import Table

NETWORKS = {
    "title": "Networks",
    "dataset": {"source": "digits", "n_train": 64},
    "grid": {"dropout": [0, 0.1]},
}


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    (tmp_path / "gap.py").write_text("def gap(cubes): ...\n")

    def of(**files):
        files = {"networks": NETWORKS, **files}
        for name, raw in files.items():
            (tmp_path / f"{name}.yaml").write_text(as_yaml(raw))
        return load_experiments("smoke", tmp_path)

    return of


def reduced(**asked):
    asked = {"function": "gap.py:gap", "of": ["networks"]} | asked
    return {"title": "Reduced", "kind": "reduction", "reduction": asked}


@pytest.fixture
def registered(monkeypatch):
    table: Table[Reduction] = Table("reduction")
    table.add(Reduction("gap", "layeratlas.words:listed", {"by": 2.0}))
    monkeypatch.setattr(reduction, "REDUCTIONS", table)


def test_it_reads_the_cubes_that_it_names(load):
    found = load(r=reduced(), s=reduced(of=["r", "networks"], settings={"by": 2}))
    assert dict(REDUCTION.reads(found["s"].settings)) == {"r": "r", "networks": "networks"}
    assert REDUCTION.entries(found["s"].settings) == ("gap.py:gap",)


def test_a_registered_one_is_asked_for_by_name(load, registered):
    found = load(r=reduced(function="gap", settings={"by": 3.0}))
    assert REDUCTION.entries(found["r"].settings) == ("layeratlas.words:listed",)


def test_settings_that_are_not_given_are_as_declared(registered):
    assert ReductionSettings(function="gap", of=("x",)).settings == {"by": 2.0}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"of": ["nets"]}, r"reduction.of\[0\]: there is no experiment 'nets'; did you mean 'netw"),
        ({"of": ["r"]}, r"reduction.of\[0\]: 'r' is made of 'r' itself"),
        ({"of": ["s"]}, r"reduction.of\[0\]: 's' is made of 'r' itself"),
        ({"of": ["networks", "networks"]}, "reduction.of: 'networks' appears twice"),
        ({"of": []}, "reduction.of: "),
        ({"function": "gap.py:gaap"},
         "reduction.function: 'gap.py:gaap': gap.py has no 'gaap'; did you mean 'gap'"),
        ({"function": "gapp"}, "reduction.function: 'gapp' is no reduction; did you mean 'gap'"),
        ({"function": "gap", "settings": {"bye": 1}},
         "bye: unknown setting of reduction 'gap'; did you mean 'by'"),
        ({"function": "gap", "settings": {"by": "x"}}, "by: input should be a valid number"),
    ],
)  # fmt: skip
def test_what_cannot_be_reduced_is_refused(load, registered, asked, told):
    with pytest.raises(ConfigError, match=told):
        load(r=reduced(**asked), s=reduced(of=["r"]))


def test_the_reference_is_the_function_itself_where_it_is_not_registered():
    asked = ReductionSettings(function="extensions.gap:gap", of=("x",))
    assert asked.reference == "extensions.gap:gap"
