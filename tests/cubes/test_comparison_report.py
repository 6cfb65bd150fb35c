"""What the command prints, and how it ends."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from layeratlas.cli import main
from layeratlas.cubes.comparing import Comparison, CubeComparison, Moved, Remark
from layeratlas.cubes.comparison_report import report
from layeratlas.storage import publish


def test_what_cubes_have_in_common_is_said_once():
    remarks = [Remark("added", "@axes", new="dropout"), Remark("added", "layers/n_layers")]
    cubes = [CubeComparison(name, 1000, remarks=list(remarks)) for name in "abcd"]
    cubes[0].remarks += [
        *(Remark("renamed", "layers/layer_name", f"hidden_{n}", "logits") for n in (4, 8)),
        *(Remark("changed", f"cells/{name}@references", "a", "b") for name in ("x", "y")),
        Remark("unnamed", "layers/layer_name", 3),
    ]
    text = report(Comparison(cubes, [], ["e"]))
    assert text.splitlines() == [
        "4 cubes, 4,000 values: every number is where it was",
        "besides numbers:",
        "  new cube  e",
        "  added     @axes: dropout (4 cubes)",
        "  added     layers/n_layers (4 cubes)",
        "  changed   2 variables@references: a → b (a)",
        "  renamed   layers/layer_name: hidden_4 → logits (a)",
        "  renamed   layers/layer_name: hidden_8 → logits (a)",
        "  unnamed   layers/layer_name: beyond the last layer of a network (a)",
    ]


def test_what_moved_comes_first():
    moved = [
        Moved("layers/D", 2, 24, 1e-7, "dropout=0.1, layer=3"),
        Moved("status", problem="it is missing"),
    ]
    first, *lines = report(Comparison([CubeComparison("a", 24, moved)], ["b"], [])).splitlines()
    assert first == "1 cubes, 24 values: NUMBERS DIFFER"
    assert lines == [
        "  b: the new folder has no such cube",
        "  a: layers/D: 2 of 24 values differ, by at most 1e-07; the first at dropout=0.1, layer=3",
        "  a: status: it is missing",
    ]


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_ends_with_one_if_a_number_moved(tmp_path, capsys, as_json):
    values = np.arange(4.0)
    for folder, last in {"old": 3.0, "same": 3.0, "other": np.nextafter(3.0, 4)}.items():
        values = np.array([0.0, 1.0, 2.0, last])
        tree = xr.DataTree(xr.Dataset({"loss": ("seed", values)}, coords={"seed": [4, 3, 2, 1]}))
        publish(tree, tmp_path / folder / "cubes" / "a.zarr.zip")
    options = ["--json"] if as_json else []
    for folder, status in {"same": 0, "other": 1}.items():
        ended = main(["compare", str(tmp_path / "old"), str(tmp_path / folder), *options])
        assert ended == status
        said = capsys.readouterr().out
        if as_json:
            answer = json.loads(said)
            assert answer["same_numbers"] == (status == 0)
            assert [m["example"] for m in answer["cubes"][0]["moved"]] == ["seed=1"] * status
        else:
            assert ("loss: 1 of 4 values differ" in said) == (status == 1)
    assert main(["compare", str(tmp_path / "old"), str(tmp_path / "nowhere")]) == 2
    assert "holds no cubes" in capsys.readouterr().err
