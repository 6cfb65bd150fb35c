"""Every snippet of docs/cubes.md runs, and says what the text says."""

from __future__ import annotations

import re
from pathlib import Path

import xarray as xr
from made.synthetic import LAPTOP_GRID, LAPTOP_SLOPES, theory_cube

from layeratlas.cubes.grid import VARIES
from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve
from layeratlas.storage import content_hash, publish

REPOSITORY = Path(__file__).resolve().parents[2]
CUBE = "results/laptop/cubes/phase_diagram_dropout.zarr.zip"


def snippets() -> list[str]:
    text = (REPOSITORY / "docs" / "cubes.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text.partition("### Cubes of probes")[0], re.DOTALL)


def synthetic_cube() -> xr.DataTree:
    return theory_cube("dropout", LAPTOP_GRID["dropout"], LAPTOP_SLOPES)


def test_every_snippet_runs_and_agrees_with_the_library(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    manifest = publish(synthetic_cube(), tmp_path / CUBE)
    names: dict = {}
    by_hand = None
    assert len(snippets()) == 5
    for snippet in snippets():
        exec(compile(snippet, "docs/cubes.md", "exec"), names)
        if "chord" in snippet:
            by_hand = names["index"]
    for tree in ("cube", "plain", "directory"):
        assert content_hash(names[tree].load()).root == manifest.content_hash
    assert names["blocks"].chunks
    assert "dropout" in names["layers"].coords
    assert "dropout" not in names["evaluation"].coords
    assert "dropout" in names["table"].coords
    expected = convexity_index(load_curve(names["cube"]))
    xr.testing.assert_allclose(by_hand.reset_coords(drop=True), expected, atol=1e-5)


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
