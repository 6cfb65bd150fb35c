"""Every snippet of docs/cubes.md runs, and says what the text says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import xarray as xr
from made.aligned import aligned_cube, hump
from made.ranges import serving
from made.synthetic import LAPTOP_GRID, LAPTOP_SLOPES, theory_cube

import layeratlas
from layeratlas.cubes.grid import VARIES
from layeratlas.metrics.listed.matrices import LISTED
from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve
from layeratlas.provenance.record.places import RECORDS
from layeratlas.storage import content_hash, publish

REPOSITORY = Path(__file__).resolve().parents[2]
CUBE = "results/laptop/cubes/phase_diagram_dropout.zarr.zip"


def snippets() -> list[str]:
    text = (REPOSITORY / "docs" / "cubes.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text.partition("### Cubes of probes")[0], re.DOTALL)


def section(title: str) -> str:
    text = (REPOSITORY / "docs" / "cubes.md").read_text(encoding="utf-8")
    return text.partition(f"### {title}\n")[2].partition("\n### ")[0]


def snippets_of(title: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", section(title), re.DOTALL)


def synthetic_cube() -> xr.DataTree:
    return theory_cube("dropout", LAPTOP_GRID["dropout"], LAPTOP_SLOPES)


def test_every_snippet_runs_and_agrees_with_the_library(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    manifest = publish(synthetic_cube(), tmp_path / CUBE)
    names: dict = {}
    by_hand = None
    assert len(snippets()) == 8
    (tmp_path / RECORDS).mkdir(parents=True)
    with serving((tmp_path / CUBE).parent) as server:
        for snippet in snippets():
            here = snippet.replace("https://example.org/cubes", server.address)
            exec(compile(here, "docs/cubes.md", "exec"), names)
            if "chord" in snippet:
                by_hand = names["index"]
        assert server.sent
        xr.testing.assert_allclose(
            names["accuracy"].load(),
            names["cube"]["evaluation/test_accuracy"].sel(dropout=0).mean("seed").load(),
        )
    lineage = layeratlas.lineage("ratio.nc", tmp_path)
    assert list(lineage["path"]) == ["ratio.nc", CUBE]
    for tree in ("cube", "plain", "directory"):
        assert content_hash(names[tree].load()).root == manifest.content_hash
    assert names["blocks"].chunks
    parts, together = names["whole"]["data_separation"], names["layers"]["data_separation"]
    assert parts.chunks and parts.broadcast_equals(together.transpose(*parts.dims))
    xr.testing.assert_allclose(names["mean"], parts.mean("seed"))
    assert "dropout" in names["layers"].coords
    assert "dropout" not in names["evaluation"].coords
    assert "dropout" in names["table"].coords
    expected = convexity_index(load_curve(names["cube"]))
    xr.testing.assert_allclose(by_hand.reset_coords(drop=True), expected, atol=1e-5)


def test_the_snippet_on_alignments_finds_the_peak_of_every_depth(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    steps = {"init": 0, "final": 900, "mark_0.1": 700}
    # The maps that a perceptron has not stand higher: its peak is looked for below them.
    cube = aligned_cube({"depth": [10, 20]}, steps, {"alignment": lambda **at: hump(10, 6, 2, 1)})
    publish(cube, tmp_path / "results/laptop/cubes/alignment_fashion_mnist.zarr.zip")
    (snippet,) = snippets_of("Cubes of alignments")
    names: dict = {}
    exec(compile(snippet, "docs/cubes.md", "exec"), names)
    # Layer 6, behind a scale and a shortcut.
    assert names["peak"].dims == ("depth",) and (names["peak"] == 8).all()


def test_the_snippet_on_feature_matrices_is_a_number_a_layer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    affine = {
        "uc_nfc": lambda init_gain, **at: np.full(3, 0.5 - 0.1 * init_gain),
        "c_nfc": lambda init_gain, **at: np.full(3, 0.9),
    }
    cube = aligned_cube({"init_gain": [0.5, 1]}, {"init": 0, "final": 900}, affine, layers=3)
    publish(cube, tmp_path / "results/laptop/cubes/nfa_chain_gd.zarr.zip")
    names: dict = {}
    (snippet,) = snippets_of("Cubes of feature matrices")
    exec(compile(snippet, "docs/cubes.md", "exec"), names)
    gap = names["gap"]
    # The scale of a batch norm and a shortcut are no layers.
    assert gap.dims == ("init_gain", "layer") and gap.sizes["layer"] == 3
    np.testing.assert_allclose(gap.sel(init_gain=1), 0.5, rtol=1e-6)


def test_the_table_of_feature_matrices_names_every_metric_of_them():
    told = set(re.findall(r"^\| (`.*?`) \|", section("Cubes of feature matrices"), re.M))
    names = {name for cell in told for name in re.findall(r"`(\w+)`", cell)}
    assert names == {metric.name for metric in LISTED}


def test_names_in_the_doc_are_those_of_a_cube():
    """The tables speak of what measuring, training and assembling write."""
    text = (REPOSITORY / "docs" / "cubes.md").read_text(encoding="utf-8")
    source = "".join(
        (REPOSITORY / "src" / "layeratlas" / name).read_text(encoding="utf-8")
        for name in (
            "measure.py",
            "metrics/views.py",
            "metrics/collecting.py",
            "cubes/assembling.py",
            "cubes/grid.py",
            "engine/archive.py",
        )
    )
    names = ("status", "run_id", "epochs_run", "batch_norm_mode", "train_loss")
    for name in (
        *names,
        "affine_name",
        "main_path",
        "view",
        "layer_name",
        "n_layers",
        "axes",
        VARIES,
    ):
        assert f"`{name}`" in text
        assert name in source
