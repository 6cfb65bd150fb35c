"""One's own script leaves a record of what it read, what it made, and its code."""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

import pytest
import xarray as xr

import layeratlas
from layeratlas.errors import StoreError
from layeratlas.provenance.record.own_work import RULE, record, run
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.store.objects import find_object
from layeratlas.provenance.store.verify import verify
from layeratlas.storage import publish

pytestmark = pytest.mark.usefixtures("quick_capture")
A, B = "results/smoke/cubes/a.zarr.zip", "results/smoke/cubes/b.zarr.zip"


@pytest.fixture
def cubes(project, tools) -> Path:
    """A project with two cubes, seen from a folder inside it."""
    (project / RECORDS).mkdir(parents=True)
    for path, version in ((A, 2), (B, 3)):
        publish(tools.numbers(version), path)
    return project


def paths(files) -> list[str]:
    return [file.path for file in files]


def test_a_product_of_two_cubes_by_a_script(cubes, tools, monkeypatch):
    (cubes / "mine").mkdir()
    monkeypatch.chdir(cubes / "mine")
    Path("helper.py").write_text("def product(a, b):\n    return a * b\n")
    Path("script.py").write_text(
        "import layeratlas, xarray as xr, zarr\n"
        "from helper import product\n"
        f"a = layeratlas.open_cube('../{A}')\n"
        # As somebody reads it who knows nothing of the package.
        f"store = zarr.storage.ZipStore('../{B}', mode='r')\n"
        "b = xr.open_datatree(store, engine='zarr')\n"
        # Written by a library in C, which tells Python nothing.
        "product(a['layers/v'], b['layers/v']).to_netcdf('product.nc')\n"
        "open('notes.txt', 'w').write('done')\n"
    )
    status, written = run([sys.executable, "script.py"])
    assert status == 0
    assert xr.load_dataarray("product.nc").values.max() == 6
    (found,) = tools.records(cubes)
    assert found == written
    assert (found.status, found.activity.rule) == ("ok", RULE)
    assert paths(found.inputs) == [A, B]
    assert paths(found.outputs) == ["mine/notes.txt", "mine/product.nc"]
    assert found.inputs[0].content_hash is not None
    assert found.activity.wildcards["command"].endswith("script.py")
    assert found.code.users_files == ("mine/helper.py", "mine/script.py")
    assert found.code.script == found.configuration.value["scripts"]["mine/script.py"]
    # The code can be read again, whatever becomes of the files.
    with tarfile.open(fileobj=io.BytesIO(find_object(found.code.users, cubes).read_bytes())) as tar:
        assert b"return a * b" in tar.extractfile("mine/helper.py").read()
    assert set(verify(root=cubes)["status"]) <= {"ok", "unrecorded"}
    lineage = layeratlas.lineage("product.nc", cubes)
    assert list(lineage["path"]) == ["mine/product.nc", A, B]


def test_a_product_of_two_cubes_in_a_block(cubes, tools):
    with layeratlas.record():
        a, b = layeratlas.open_cube(A), layeratlas.open_cube(B)
        publish(xr.DataTree((a["layers/v"] * b["layers/v"]).to_dataset(name="v")), "ab.zarr.zip")
    (found,) = tools.records(cubes)
    assert (paths(found.inputs), paths(found.outputs)) == ([A, B], ["ab.zarr.zip"])
    (product,) = found.outputs
    assert product.kept and product.content_hash
    # What was made of the product follows from all three.
    with record("c.txt", inputs=[B]):
        layeratlas.open_cube("ab.zarr.zip").close()
        Path("c.txt").write_text("1")
        Path("scratch.txt").write_text("2")
    second = max(tools.records(cubes), key=lambda found: found.id)
    assert (paths(second.inputs), paths(second.outputs)) == ([B, "ab.zarr.zip"], ["c.txt"])
    assert set(layeratlas.lineage("c.txt", cubes)["path"]) == {"c.txt", "ab.zarr.zip", A, B}


def test_a_failure_is_on_record_too(cubes, tools):
    with pytest.raises(ZeroDivisionError), record():
        layeratlas.open_cube(A).close()
        raise ZeroDivisionError("by zero")
    status, second = run([sys.executable, "-c", "raise SystemExit(3)"])
    assert status == 3
    first = min(tools.records(cubes), key=lambda found: found.id)
    assert (first.status, first.error) == ("failed", "ZeroDivisionError: by zero")
    assert paths(first.inputs) == [A]
    assert (second.status, second.error) == ("failed", "the command ended with status 3")


def test_what_would_not_be_true_is_no_success(cubes, tools):
    def nothing() -> None:
        layeratlas.open_cube(A).close()

    def another_cube() -> None:
        layeratlas.open_cube(A).close()
        Path("out.txt").write_text("1")

    with (
        pytest.raises(StoreError, match="wrote no file in the project that could be seen"),
        record(),
    ):
        nothing()
    with pytest.raises(StoreError, match=r"did not make out\.nc"), record("out.nc"):
        nothing()
    changed = pytest.raises(StoreError, match="was changed while the work ran; run it again")
    with changed, record("out.txt"):
        another_cube()
        publish(tools.numbers(4), A)
    assert [found.status for found in tools.records(cubes)] == ["failed"] * 3


def test_what_cannot_be_recorded_is_refused_before_it_runs(cubes, tmp_path, monkeypatch):
    with pytest.raises(StoreError, match=r"'none\.nc' is no file"), record(inputs=["none.nc"]):
        raise AssertionError("hours of work")
    with pytest.raises(StoreError, match="'nothere' cannot be started"):
        run(["nothere"])
    with pytest.raises(StoreError, match="is no folder"):
        run(["true"], root=tmp_path / "none")
    outside = tmp_path.parent / "outside"
    outside.mkdir(exist_ok=True)
    monkeypatch.chdir(outside)
    with pytest.raises(StoreError, match="no project at or above this folder"):
        run(["true"])


def test_another_environment_is_told(cubes, monkeypatch):
    monkeypatch.setattr(sys, "prefix", "/another")
    Path("in.txt").write_text("1")
    status, found = run([sys.executable, "-c", "open('out.txt', 'w').write(open('in.txt').read())"])
    assert status == 0
    assert found.environment.unread == {"packages": "the command ran in another environment"}


def test_a_program_that_is_not_python(cubes):
    Path("in.txt").write_text("1")
    Path("copy.sh").write_text("cp in.txt out.txt\n")
    status, found = run(["sh", "copy.sh"], inputs=["in.txt"])
    assert (status, paths(found.inputs), paths(found.outputs)) == (0, ["in.txt"], ["out.txt"])
    assert found.code.users_files == ("copy.sh",)
    assert found.environment.unread == {}
