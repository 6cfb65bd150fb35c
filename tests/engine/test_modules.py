"""Which modules a grid of trainings and its measuring run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from layeratlas.engine.modules import TABLES, measuring_modules, training_modules
from layeratlas.workflow.fingerprints import closure


def run(family="mlp", optimizer="adam", loss="cross_entropy", rule="uniform_fan_in", scaling=None):
    settings = {
        "model": {"family": family, "initialization": rule},
        "training": {"optimizer": optimizer, "loss": loss},
    }
    return settings if scaling is None else settings | {"scaling": {"name": scaling}}


PLAIN = {
    "layeratlas.engine.optimizers.adam",
    "layeratlas.losses.cross_entropy",
    "layeratlas.networks.initialization.uniform_fan_in",
    "layeratlas.networks.mlp",
}


def test_a_training_runs_its_own_entries():
    assert set(training_modules([run()])) == PLAIN
    assert training_modules(run() for _ in range(3)) == training_modules([run()])


def test_a_grid_that_varies_an_entry_runs_them_all():
    grid = [run(), run(optimizer="sgd"), run("resnet", loss="mean_squared_error")]
    assert set(training_modules(grid)) == PLAIN | {
        "layeratlas.engine.optimizers.sgd",
        "layeratlas.losses.mean_squared_error",
        "layeratlas.networks.resnet",
    }


def test_scalings_bring_their_start():
    tables = {"layeratlas.engine.scaled_start"}
    calibrated = tables | {"layeratlas.engine.calibrated_layers"}
    for scaling, started in (("fsc", tables), ("default", tables), ("fsc_auto", calibrated)):
        assert set(training_modules([run(scaling=scaling)])) - PLAIN == started
        measured = set(measuring_modules([run(scaling=scaling)], ["step"]))
        assert {name for name in measured if "engine.sc" in name or "calib" in name} == started
    assert training_modules([run() | {"scaling": None}]) == training_modules([run()])


def test_measuring_needs_a_forward_where_a_metric_differentiates():
    layers = set(measuring_modules([run()]))
    assert layers == {"layeratlas.losses.cross_entropy", "layeratlas.networks.mlp"}
    forward = {"layeratlas.networks.mlp_forward", "layeratlas.networks.functional"}
    assert set(measuring_modules([run()], ["layer", "network"])) == layers | forward
    steps = set(measuring_modules([run()], ["step"]))
    assert steps == layers | forward | {"layeratlas.engine.start"}


@pytest.mark.parametrize(
    "wrong", [run("rnn"), run(optimizer="lion"), run(loss="hinge"), run(rule="zeros")]
)
def test_a_name_that_is_in_no_table_is_an_error(wrong):
    with pytest.raises(KeyError):
        training_modules([wrong])


def test_tables_and_entries_exist():
    for module in (*TABLES, *training_modules([run(), run("cnn", scaling="fsc_auto")])):
        assert module in closure(module)


def test_asking_loads_no_network_and_no_kernel():
    code = (
        "import sys, layeratlas.engine.modules; "
        "print([name for name in ('torch', 'numba', 'xarray', 'layeratlas.networks.mlp') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
