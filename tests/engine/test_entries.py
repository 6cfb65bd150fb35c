"""Which entries a grid of trainings and its measuring run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from layeratlas.engine.entries import TABLES, measuring_entries, training_entries
from layeratlas.engine.optimizers.registry import OPTIMIZERS
from layeratlas.engine.schedules.registry import SCHEDULES
from layeratlas.losses.registry import LOSSES
from layeratlas.networks.activations.registry import ACTIVATIONS
from layeratlas.networks.initialization.registry import RULES
from layeratlas.networks.registry import FAMILIES
from layeratlas.workflow.fingerprints import closure


def run(
    family="mlp",
    optimizer="adam",
    loss="cross_entropy",
    rule="uniform_fan_in",
    scaling=None,
    **model,
):
    settings = {
        "model": {"family": family, "initialization": rule, **model},
        "training": {"optimizer": optimizer, "loss": loss},
    }
    return settings if scaling is None else settings | {"scaling": {"name": scaling}}


PLAIN = {
    OPTIMIZERS["adam"].code,
    LOSSES["cross_entropy"].code,
    RULES["uniform_fan_in"].draw,
    FAMILIES["mlp"].family,
}


def test_a_training_runs_its_own_entries():
    assert set(training_entries([run()])) == PLAIN
    assert training_entries(run() for _ in range(3)) == training_entries([run()])


def test_a_grid_that_varies_an_entry_runs_them_all():
    grid = [run(), run(optimizer="sgd"), run("residual_mlp", loss="mean_squared_error")]
    assert set(training_entries(grid)) == PLAIN | {
        OPTIMIZERS["sgd"].code,
        LOSSES["mean_squared_error"].code,
        FAMILIES["residual_mlp"].family,
    }


def test_a_schedule_brings_its_parts():
    scheduled = run()
    scheduled["training"]["schedule"] = [{"name": "warm_up", "steps": 2}, {"name": "cosine"}]
    brought = {SCHEDULES[name].code for name in ("warm_up", "cosine")}
    assert set(training_entries([run(), scheduled])) == PLAIN | brought


def test_scalings_bring_their_start():
    tables = {"layeratlas.engine.scaled_start"}
    calibrated = tables | {"layeratlas.engine.calibrated_layers"}
    for scaling, started in (("fsc", tables), ("default", tables), ("fsc_auto", calibrated)):
        assert set(training_entries([run(scaling=scaling)])) - PLAIN == started
        measured = set(measuring_entries([run(scaling=scaling)], ["forward", "start"]))
        assert {name for name in measured if "engine.sc" in name or "calib" in name} == started
    assert training_entries([run() | {"scaling": None}]) == training_entries([run()])


def test_measuring_needs_a_forward_where_a_metric_differentiates():
    layers = set(measuring_entries([run()]))
    assert layers == {LOSSES["cross_entropy"].code, FAMILIES["mlp"].family}
    forward = {
        FAMILIES["mlp"].forward,
        ACTIVATIONS["leaky_relu"].function,
        "layeratlas.networks.functional",
    }
    assert set(measuring_entries([run()], ["forward"])) == layers | forward
    steps = set(measuring_entries([run()], ["forward", "start"]))
    assert steps == layers | forward | {"layeratlas.engine.start"}


@pytest.mark.parametrize(
    "wrong", [run("rnn"), run(optimizer="lion"), run(loss="absent"), run(rule="zeros")]
)
def test_a_name_that_is_in_no_table_is_an_error(wrong):
    with pytest.raises(KeyError):
        training_entries([wrong])


def test_tables_and_entries_exist():
    for entry in (*TABLES, *training_entries([run(), run("block_cnn", scaling="fsc_auto")])):
        module = entry.partition(":")[0]
        assert module in closure(module)


def test_asking_loads_no_network_and_no_kernel():
    code = (
        "import sys, layeratlas.engine.entries; "
        "print([name for name in ('torch', 'numba', 'xarray', 'layeratlas.networks.mlp') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
