"""The real pipeline on a tiny experiment: records, the same bytes twice, early cut-off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from layeratlas.figures import output
from layeratlas.figures.output import read_identity
from layeratlas.provenance.store.reading import read_records
from layeratlas.provenance.store.verify import verify
from layeratlas.storage import open_datatree, publish, read_manifest

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parents[3]
FIGURE = "figures/maps/tiny/test_accuracy"
CUBE = "results/smoke/cubes/tiny.zarr.zip"
EXPERIMENT = """
title: tiny
paper: spring_block
dataset: {source: digits, n_train: 64}
model: {family: mlp, depth: 2, width: 8, batch_norm: true}
noise: {kind: fresh}
training: {optimizer: adam, learning_rate: 1e-2, batch_size: 32, epochs: 2, loss: cross_entropy}
measure: {metrics: [data_separation], batch_norm_modes: [running_statistics]}
grid: {negative_slope: [0, 1], dropout: [0, 0.2]}
seeds: 2
"""


def plant(folder: Path) -> Path:
    """A clone of the project with one tiny experiment."""
    folder.mkdir()
    shutil.copy(HERE / "Snakefile", folder)
    for name in ("rules", "scripts", "data", "envs", "src"):
        # With __pycache__: compiling the kernels again would take longer than the pipeline.
        ignored = shutil.ignore_patterns("*.egg-info")
        shutil.copytree(HERE / name, folder / name, ignore=ignored)
    (folder / "config" / "experiments").mkdir(parents=True)
    shutil.copy(HERE / "config" / "config.yaml", folder / "config")
    (folder / "config" / "experiments" / "tiny.yaml").write_text(EXPERIMENT)
    return folder


def snakemake(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "-c1", "--config", "preset=smoke"]
    command += ["verbose=false", "download=false", "device=cpu"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*command, *arguments], cwd=folder, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The pipeline run in two fresh folders."""
    base = tmp_path_factory.mktemp("pipelines")
    folders = [plant(base / name) for name in ("one", "two")]
    for folder in folders:
        snakemake(folder, "--", f"{FIGURE}.pdf")
    return folders


@pytest.fixture
def folder(folders):
    return folders[0]


def drawn(folder: Path) -> dict[str, bytes]:
    return {kind: (folder / f"{FIGURE}.{kind}").read_bytes() for kind in output.FORMATS}


def test_two_pipelines_give_the_same_bytes(folders):
    one, two = folders
    assert drawn(one) == drawn(two)
    assert (one / CUBE).read_bytes() == (two / CUBE).read_bytes()
    for path in sorted((one / "results").rglob("*.zarr.zip")):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path


def test_every_job_left_a_record_of_the_code_it_imported(folder):
    records = read_records(folder)
    rules = ["prepare_dataset", "train", "measure", "assemble_cube", "draw_map"]
    assert sorted(r.activity.rule for r in records) == sorted(rules)
    # The clone's own code ran, not a copy installed from elsewhere.
    from layeratlas.provenance.record.source import source_hash

    assert {r.code.source for r in records} == {source_hash(folder / "src" / "layeratlas")}
    assert all(r.code.script and r.code.fingerprint for r in records)
    assert all(r.code.commit is None for r in records)
    by_rule = {r.activity.rule: r for r in records}
    assert by_rule["train"].seeds[-1] == 2
    links = [
        ("train", "prepare_dataset"),
        ("measure", "train"),
        ("assemble_cube", "measure"),
        ("draw_map", "assemble_cube"),
    ]
    for reader, writer in links:
        made = {state.identity for state in by_rule[writer].outputs}
        assert made & {state.identity for state in by_rule[reader].inputs}
    assert set(verify(root=folder)["status"]) == {"ok"}


def test_the_figure_names_its_cube_data_set_and_configuration(folder):
    records = {r.activity.rule: r for r in read_records(folder)}
    for kind in output.FORMATS:
        identity = read_identity(folder / f"{FIGURE}.{kind}")
        assert identity["cube tiny"] == read_manifest(folder / CUBE).content_hash
        assert identity["configuration tiny"] == records["assemble_cube"].configuration.hash
        assert identity["code"] == records["draw_map"].code.fingerprint
        (data,) = records["prepare_dataset"].outputs
        assert Path(data.path).name == f"{identity['dataset tiny']}.zarr.zip"


def test_records_are_no_work(folder):
    before = len(read_records(folder))
    assert "Nothing to be done" in snakemake(folder, "--", f"{FIGURE}.pdf")
    shutil.rmtree(folder / "store")
    shutil.move(folder / "provenance", folder / "elsewhere")
    assert "Nothing to be done" in snakemake(folder, "--", f"{FIGURE}.pdf")
    shutil.move(folder / "elsewhere", folder / "provenance")
    assert len(read_records(folder)) == before


def test_early_cut_off(folder):
    """No checkpoints: a dry run stays true, and what has the same content draws nothing again."""
    before = drawn(folder)
    # Assembled again with the same content: the figure is not drawn again, then or later.
    snakemake(folder, "--forcerun", "assemble_cube", "--", CUBE)
    assert "Nothing to be done" in snakemake(folder, "--", f"{FIGURE}.pdf")
    told = snakemake(folder, "--forcerun", "assemble_cube", "--", f"{FIGURE}.pdf")
    assert "rule assemble_cube" in told
    assert "rule draw_map" not in told
    assert drawn(folder) == before
    # A cube that is not what its job made is made again, and what came of it: to the same bytes.
    with open_datatree(folder / CUBE) as tree:
        cube = tree.load()
        made = read_manifest(folder / CUBE).content_hash
    cube["evaluation"]["test_accuracy"].values[0] = 0.125
    publish(cube, folder / CUBE, objects=folder / "store" / "objects")
    told = snakemake(folder, "--", f"{FIGURE}.pdf")
    assert "rule assemble_cube" in told
    assert "rule draw_map" in told
    assert read_manifest(folder / CUBE).content_hash == made
    assert drawn(folder) == before
