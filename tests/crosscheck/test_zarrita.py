"""The bytes of a published cube, read by zarrita.js: what a browser shows is what xarray shows.

Skipped where node or the package is not there; `sh envs/zarrita.sh` installs them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made.ranges import serving

from layeratlas.storage import open_datatree, publish

FOLDER = Path(__file__).parent / "zarrita"
INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]


@pytest.fixture(scope="module")
def zarrita():
    """All that zarrita.js reads of a file or an address."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "zarrita").is_dir():
        pytest.skip("zarrita.js is not installed: sh envs/zarrita.sh")

    def read(how: str, where: str | Path) -> dict:
        command = [node, "read.mjs", how, str(where)]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return read


@pytest.fixture(scope="module")
def cube(tmp_path_factory) -> Path:
    """Every kind of value that a cube may hold, in two groups."""
    chance = np.random.default_rng(0)
    curves = chance.normal(size=(3, 2, 5))
    curves[0, 0] = np.nan
    curves[1, 1, :3] = np.inf, -np.inf, 5e-324
    layers = xr.Dataset(
        {
            "separation": (("dropout", "seed", "layer"), curves.astype("f4"), {"units": "1"}),
            "angle": (("dropout", "seed", "layer"), curves, {"long_name": "θ in rad"}),
            "large": (("row", "layer"), chance.normal(size=(300_000, 5)).astype("f4")),
        },
        coords={"layer_name": ("layer", np.array(["input", "Schicht α", "", "層", "logits"], "T"))},
        attrs={"title": "layers"},
    )
    root = xr.Dataset(
        {
            "done": (("dropout", "seed"), np.array([[True, False], [False, True], [True, True]])),
            "status": ("seed", np.zeros(2, "i1"), {"flag_values": [0, 1], "flag_meanings": "a b"}),
            **{
                name: ("limit", np.array([np.iinfo(name).min, np.iinfo(name).max], name))
                for name in INTEGERS
            },
        },
        coords={"dropout": [0.0, 0.1, 0.28], "seed": [1, 2]},
        attrs={"title": "Noise–nonlinearity", "numbers": [1, 2.5], "nested": {"a": [True, None]}},
    )
    path = tmp_path_factory.mktemp("cubes") / "a.zarr.zip"
    publish(xr.DataTree.from_dict({"/": root, "/layers": layers}), path)
    return path


def assert_same(told: dict, tree: xr.DataTree) -> None:
    """Every variable, value, dim and attribute is told, and nothing else."""
    known = {}
    for node in tree.subtree:
        dataset = node.to_dataset(inherit=False)
        attributes = dict(told["groups"][node.path])
        attributes.pop("coordinates", None)  # how xarray writes which variables are coordinates
        assert attributes == dataset.attrs
        for name, variable in dataset.variables.items():
            known[f"{node.path.rstrip('/')}/{name}"] = variable
    assert told["arrays"].keys() == known.keys()
    assert told["groups"].keys() == {node.path for node in tree.subtree}
    for path, variable in known.items():
        array = told["arrays"][path]
        assert (tuple(array["shape"]), tuple(array["dims"])) == (variable.shape, variable.dims)
        assert array["attributes"] == variable.attrs
        if "digest" in array:
            assert array["digest"] == hashlib.sha256(variable.values.tobytes()).hexdigest(), path
            continue
        values = array["values"]
        if variable.dtype.kind in "iu":
            values = [int(value) for value in values]
        elif variable.dtype.kind == "f":
            assert array["dtype"] == variable.dtype.name
            values = [float(value) for value in values]
        found = np.array(values, variable.dtype).reshape(variable.shape)
        np.testing.assert_array_equal(found, variable.values, err_msg=path)


def test_a_browser_reads_what_xarray_reads(zarrita, cube):
    told = zarrita("file", cube)
    with open_datatree(cube) as tree:
        assert_same(told, tree)
        # The comparison can fail.
        told["arrays"]["/layers/separation"]["values"][-1] += 1e-3
        with pytest.raises(AssertionError, match="separation"):
            assert_same(told, tree)


def test_a_browser_reads_it_from_a_server(zarrita, cube):
    with serving(cube.parent) as server, open_datatree(cube) as tree:
        assert_same(zarrita("url", f"{server.address}/{cube.name}"), tree)
    # A few for directory and metadata, then two a chunk: not one a node before.
    assert len(server.sent) < 5 + 2 * 30
