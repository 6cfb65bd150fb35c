"""Exports hold what the archive holds, for readers who know nothing of this package."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
import zarr
from made import crafted
from made.children import exit_code, in_child

from layeratlas.errors import StoreError
from layeratlas.storage import content_hash, open_datatree, publish
from layeratlas.storage.export import folder_beside, to_netcdf, unpack
from layeratlas.temporaries import left_over

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def archive(tmp_path, tree):
    publish(tree, tmp_path / "cube.zarr.zip")
    return tmp_path / "cube.zarr.zip"


@pytest.fixture
def snakemakes_directory(tmp_path, archive):
    """As Snakemake leaves a directory that a rule made: with its timestamp inside."""
    directory = unpack(archive, tmp_path / "cube.zarr")
    (directory / ".snakemake_timestamp").touch()
    return directory


def test_plain_xarray_reads_the_same_content_without_a_warning(snakemakes_directory, tree):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with xr.open_datatree(snakemakes_directory, engine="zarr") as plain:
            assert content_hash(plain.load()) == content_hash(tree)
        with xr.open_zarr(snakemakes_directory, group="layers") as layers:
            xr.testing.assert_equal(layers.load(), tree["layers"].to_dataset(inherit=False))


def test_without_consolidated_metadata_the_content_is_the_same(snakemakes_directory, tree):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Object at .snakemake_timestamp")
        with xr.open_datatree(snakemakes_directory, engine="zarr", consolidated=False) as plain:
            assert content_hash(plain.load()) == content_hash(tree)


def test_plain_zarr_reads_it(snakemakes_directory, tree):
    group = zarr.open_group(snakemakes_directory, mode="r")
    assert [name for name, _ in group.groups()] == ["layers"]
    np.testing.assert_array_equal(group["layers/loss"][:], tree["layers/loss"].values)


def test_every_chunk_and_attribute_is_unpacked_as_it_was(archive, tmp_path):
    directory = unpack(archive, tmp_path / "out" / "cube.zarr")
    with open_datatree(archive) as tree:
        attributes = zarr.open_group(directory, mode="r").attrs.asdict()
        assert {k: v for k, v in attributes.items() if k != "coordinates"} == tree.attrs
    shutil.unpack_archive(archive, tmp_path / "by_hand", "zip")
    files = {p.relative_to(directory) for p in directory.rglob("*") if p.is_file()}
    assert files == {
        p.relative_to(tmp_path / "by_hand")
        for p in (tmp_path / "by_hand").rglob("*")
        if p.is_file()
    }
    for name in files - {Path("zarr.json")}:
        assert (directory / name).read_bytes() == (tmp_path / "by_hand" / name).read_bytes()


def test_an_earlier_export_is_replaced_whole(tmp_path, make_cube, archive, no_leftovers):
    directory = unpack(archive, tmp_path / "cube.zarr")
    (directory / "layers" / "from_before").write_text("old")
    publish(make_cube(2), archive)
    unpack(archive, directory)
    assert not (directory / "layers" / "from_before").exists()
    with xr.open_datatree(directory, engine="zarr") as plain:
        assert content_hash(plain.load()) == content_hash(make_cube(2))


def test_a_folder_of_something_else_is_left_alone(tmp_path, archive):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(StoreError, match="no earlier export"):
        unpack(archive, tmp_path / "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep"


def test_a_damaged_archive_leaves_no_directory(tmp_path, archive, no_leftovers):
    content = bytearray(archive.read_bytes())
    content[content.index(b"layers/loss/c") + 40] ^= 1
    archive.write_bytes(content)
    with pytest.raises(StoreError):
        unpack(archive, tmp_path / "cube.zarr")
    assert not (tmp_path / "cube.zarr").exists()


def test_netcdf_keeps_values_dims_text_and_attributes(tmp_path, archive, tree):
    file = to_netcdf(archive, "layers", tmp_path / "layers.nc")
    expected = tree["layers"].to_dataset()
    with xr.open_dataset(file) as found:
        found.load()
    xr.testing.assert_equal(found, expected)
    assert set(found.coords) == set(expected.coords) == {"seed", "layer_name"}
    assert found["layer_name"].values.tolist() == ["first", "zwei", "Schicht α"]
    assert found["loss"].dtype == np.float32
    assert found["loss"].attrs == expected["loss"].attrs
    assert found.attrs == expected.attrs
    stored = xr.Dataset(
        {name: (v.dims, v.values, v.attrs) for name, v in found.data_vars.items()},
        {name: (v.dims, v.values, v.attrs) for name, v in found.coords.items()},
        found.attrs,
    )
    assert content_hash(stored).leaves == content_hash(expected).leaves


def test_netcdf_of_the_root(tmp_path, archive, tree):
    file = to_netcdf(archive, "/", tmp_path / "root.nc")
    with xr.open_dataset(file) as found:
        xr.testing.assert_equal(found.load(), tree.to_dataset())
        assert found["done"].dtype == bool
        assert found.attrs["title"] == "a cube"
        np.testing.assert_array_equal(found.attrs["numbers"], [1, 2.5])


def test_netcdf_says_otherwise_what_it_cannot_hold(tmp_path):
    data = xr.Dataset(
        {"half": ("x", np.array([0.5, np.nan], "f2")), "name": ((), "ünï")},
        attrs={"flag": True, "none": None, "nested": [[1], [2]], "words": ["a", "b"], "empty": []},
    )
    publish(data, tmp_path / "odd.zarr.zip")
    with xr.open_dataset(to_netcdf(tmp_path / "odd.zarr.zip", "", tmp_path / "odd.nc")) as found:
        np.testing.assert_array_equal(found["half"], data["half"])
        assert found["half"].dtype == np.float32
        assert found["name"].item() == "ünï"
        assert found.attrs["words"] == ["a", "b"]
        assert [found.attrs[name] for name in ("flag", "none", "nested", "empty")] == [
            "true",
            "null",
            "[[1], [2]]",
            "[]",
        ]


def test_netcdf_is_read_without_xarray(tmp_path, archive, tree):
    with netCDF4.Dataset(to_netcdf(archive, "layers", tmp_path / "layers.nc")) as plain:
        assert plain["loss"].dimensions == ("seed", "epoch", "layer")
        np.testing.assert_array_equal(plain["loss"][:], tree["layers/loss"].values)
        assert "_FillValue" not in plain["loss"].ncattrs()


def test_the_same_cube_gives_the_same_netcdf(tmp_path, archive):
    files = [to_netcdf(archive, "layers", tmp_path / f"{name}.nc") for name in "ab"]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_nothing_is_written_beside_the_folder(tmp_path):
    """Whatever the archive calls its groups, and wherever links lie."""
    outside = tmp_path / "outside"
    inside = tmp_path / "a" / "b" / "c"
    inside.mkdir(parents=True)
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    names = ["..", "../../x", "a/../../../x", "/abs", str(outside), "C:\\x", "..\\x", "link\0/x"]
    for name in names:
        publish(crafted.tree(), inside / "cube.zarr.zip")
        crafted.craft(crafted.group(name), inside / "cube.zarr.zip")
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(StoreError, match=r"cube\.zarr\.zip: .*the name "):
            unpack(inside / "cube.zarr.zip", inside / "out.zarr")
        assert sorted(tmp_path.rglob("*")) == before
    # A link to a folder is nobody's earlier export, also where it leads to one.
    publish(crafted.tree(), inside / "cube.zarr.zip")
    unpack(inside / "cube.zarr.zip", outside / "there.zarr")
    (inside / "out.zarr").symlink_to(outside / "there.zarr")
    with pytest.raises(StoreError, match="no earlier export"):
        unpack(inside / "cube.zarr.zip", inside / "out.zarr")


def test_what_a_killed_export_left_is_told_and_removed(tmp_path, archive):
    def work():
        with folder_beside(tmp_path / "cube.zarr", marker="zarr.json") as folder:
            (folder / "half").write_text("x")
            os.kill(os.getpid(), signal.SIGKILL)

    assert exit_code(in_child(work)) == -signal.SIGKILL
    (left,) = filter(left_over, tmp_path.iterdir())
    assert (left / "new" / "half").exists()
    unpack(archive, tmp_path / "cube.zarr")
    assert not any(map(left_over, tmp_path.iterdir()))
    assert not left.exists()


def test_what_netcdf_cannot_say_is_refused(tmp_path, no_leftovers):
    publish(xr.Dataset({"v": ("x", [1.0], {"bad/name": 1})}), tmp_path / "odd.zarr.zip")
    with pytest.raises(StoreError, match=r"odd\.zarr\.zip: holds in group '/' what NetCDF cannot"):
        to_netcdf(tmp_path / "odd.zarr.zip", "/", tmp_path / "odd.nc")
    assert not (tmp_path / "odd.nc").exists()


def test_an_unknown_group_is_refused_with_those_there_are(tmp_path, archive, no_leftovers):
    with pytest.raises(StoreError, match="'layer': there are /, layers"):
        to_netcdf(archive, "layer", tmp_path / "x.nc")
    assert not (tmp_path / "x.nc").exists()


def test_a_missing_archive_is_refused(tmp_path):
    for export in (
        lambda path: unpack(path, tmp_path / "x.zarr"),
        lambda path: to_netcdf(path, "layers", tmp_path / "x.nc"),
    ):
        with pytest.raises(StoreError, match="does not exist"):
            export(tmp_path / "gone.zarr.zip")


def test_a_read_only_folder_is_an_error_and_nothing_else(tmp_path, archive):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="could not write"):
        unpack(archive, folder / "x.zarr")


@pytest.mark.slow
def test_snakemake_exports_a_cube_and_a_figure(tmp_path):
    for name in ("Snakefile", "rules", "scripts", "src", "config", "data", "envs", "profiles"):
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    experiment = "phase_diagram_dropout"
    targets = [
        f"export/{experiment}.zarr",
        f"export/{experiment}.layers.nc",
        f"export/{experiment}.root.nc",
        "crates/phase_diagram_fidelity.crate.zip",
    ]

    def snakemake() -> str:
        command = [sys.executable, "-m", "snakemake", "--cores", "2"]
        command += ["--config", "preset=smoke", "verbose=false", "--", *targets]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stderr

    snakemake()
    with (
        open_datatree(tmp_path / f"results/smoke/cubes/{experiment}.zarr.zip") as cube,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        assert (tmp_path / targets[0] / ".snakemake_timestamp").exists()
        with xr.open_datatree(tmp_path / targets[0], engine="zarr") as plain:
            assert content_hash(plain.load()) == content_hash(cube)
        with xr.open_dataset(tmp_path / targets[1]) as layers:
            assert set(layers.data_vars) == set(cube["layers"].data_vars)
    assert "Nothing to be done" in snakemake()
