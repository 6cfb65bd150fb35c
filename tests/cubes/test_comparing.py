"""A number that moved is found wherever it stands; one that only stands elsewhere is not."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.cubes.comparing import Comparison, Moved, Remark, compare_cubes, compare_results
from layeratlas.errors import LayerAtlasError
from layeratlas.storage import publish


def cube(**changes) -> xr.DataTree:
    """Dropout × seed × layer, noisiest first as earlier versions wrote it."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(3, 2, 4)).astype("f4")
    values[2, 1, 3] = np.nan
    root = xr.Dataset(
        {
            "status": (("dropout", "seed"), np.zeros((3, 2), "i1")),
            "run_id": (("dropout", "seed"), np.array([list("ab"), list("cd"), list("ef")], "O")),
        },
        coords={"dropout": ("dropout", [0.2, 0.1, 0.0], {"units": "1"}), "seed": [1, 2]},
        attrs={"title": "old", "preset": "laptop"},
    )
    layers = xr.Dataset(
        {"D": (("dropout", "seed", "layer"), values, {"units": "1"})},
        coords={"layer": np.arange(4), "layer_name": ("layer", list("iabz"))},
    )
    return xr.DataTree.from_dict({"/": root, "/layers": layers, **changes})


def changed(group: str, change) -> xr.DataTree:
    tree = cube()
    nodes = {node.path: node.to_dataset(inherit=False).copy(deep=True) for node in tree.subtree}
    nodes[group] = change(nodes[group])
    return xr.DataTree.from_dict(nodes)


def everywhere(change) -> xr.DataTree:
    return xr.DataTree.from_dict(
        {node.path: change(node.to_dataset(inherit=False)) for node in cube().subtree}
    )


def kinds(result) -> set[tuple[str, str]]:
    return {(remark.kind, remark.name) for remark in result.remarks}


def test_a_cube_is_the_same_as_itself():
    result = compare_cubes(cube(), cube())
    assert not result.moved and not result.remarks
    assert result.values == 6 + 6 + 24


@given(st.integers(0, 22), st.integers(0, 31), st.booleans())
@settings(deadline=None, max_examples=40)
def test_any_flipped_bit_is_found_with_its_label(place, bit, reverse):
    other = everywhere(lambda d: d.copy(deep=True))
    D = other["layers/D"].values
    D.reshape(-1).view("u4")[place] ^= np.uint32(1 << bit)
    if reverse:
        other = xr.DataTree.from_dict(
            {
                node.path: node.to_dataset(inherit=False).isel(
                    {d: slice(None, None, -1) for d in ("dropout",) if d in node.sizes}
                )
                for node in other.subtree
            }
        )
    (moved,) = compare_cubes(cube(), other).moved
    i, j, layer = np.unravel_index(place, D.shape)
    assert (moved.variable, moved.changed, moved.compared) == ("layers/D", 1, 24)
    assert moved.example == f"dropout={[0.2, 0.1, 0.0][i]}, seed={j + 1}, layer={layer}"


def test_nan_is_nan_whatever_its_payload_but_no_number():
    def payload(dataset):
        dataset["D"].values.view("u4")[2, 1, 3] = 0x7FC0BEEF
        return dataset

    assert not compare_cubes(cube(), changed("/layers", payload)).moved

    def filled(dataset):
        return dataset.fillna(0)

    (moved,) = compare_cubes(cube(), changed("/layers", filled)).moved
    assert moved.changed == 1 and moved.furthest == 0
    (moved,) = compare_cubes(changed("/layers", filled), cube()).moved
    assert moved.changed == 1


def test_minus_zero_is_not_zero():
    zero, minus = (
        changed("/layers", lambda d, z=z: d.assign(D=d["D"] * 0 + np.float32(z)))
        for z in (0.0, -0.0)
    )
    assert not compare_cubes(zero, zero).moved
    assert compare_cubes(zero, minus).moved


def test_an_axis_turned_around_is_told_and_moves_nothing():
    turned = everywhere(lambda d: d.isel(dropout=slice(None, None, -1)))
    result = compare_cubes(cube(), turned)
    assert not result.moved
    assert result.remarks == [Remark("reordered", "dropout", [0.2, 0.1, 0.0], [0.0, 0.1, 0.2])]
    assert not compare_cubes(cube(), everywhere(lambda d: d.transpose())).moved


def test_labels_turned_around_without_their_values_move_them():
    swapped = everywhere(
        lambda d: d.assign_coords(dropout=d["dropout"][::-1].values) if "dropout" in d.coords else d
    )
    moved = {m.variable: m.changed for m in compare_cubes(cube(), swapped).moved}
    assert moved["layers/D"] == 16 and moved["run_id"] == 4


def test_a_grown_grid_is_told_and_a_shrunk_one_has_lost_numbers():
    small = everywhere(lambda d: d.isel(dropout=[2, 0]))
    grown = compare_cubes(small, cube())
    assert not grown.moved and ("longer", "dropout") in kinds(grown)
    shrunk = compare_cubes(cube(), small)
    assert ("shorter", "dropout") in kinds(shrunk)
    assert {m.variable for m in shrunk.moved} == {"status", "run_id", "layers/D"}
    assert "8 values have no label" in next(
        m.problem for m in shrunk.moved if m.variable == "layers/D"
    )


def test_what_is_missing_moved_and_what_is_new_is_told():
    more = changed("/layers", lambda d: d.assign(n_layers=("dropout", np.ones(3))))
    assert compare_cubes(cube(), more).remarks == [Remark("added", "layers/n_layers")]
    (moved,) = compare_cubes(more, cube()).moved
    assert moved == Moved("layers/n_layers", problem="it is missing")
    extra = cube(**{"/network": xr.Dataset({"trace": ("dropout", np.ones(3))})})
    assert compare_cubes(cube(), extra).remarks == [Remark("added", "network")]
    (moved,) = compare_cubes(extra, cube()).moved
    assert moved.variable == "network/trace" and "group is missing" in moved.problem


def test_dims_and_types_are_part_of_a_number():
    (moved,) = compare_cubes(
        cube(), changed("/layers", lambda d: d.assign(D=d["D"].astype("f8")))
    ).moved
    assert "float32" in moved.problem and "float64" in moved.problem
    (moved,) = compare_cubes(
        cube(), changed("/layers", lambda d: d.assign(D=d["D"].isel(seed=0)))
    ).moved
    assert "(dropout, seed, layer)" in moved.problem


def test_attributes_are_listed_apart():
    def other(dataset):
        dataset.attrs = {"title": "new", "axes": "dropout"}
        dataset["dropout"].attrs["units"] = "percent"
        return dataset

    result = compare_cubes(cube(), changed("/", other))
    assert not result.moved
    assert set(map(repr, result.remarks)) == {
        repr(Remark("added", "@axes", new="dropout")),
        repr(Remark("removed", "@preset", old="laptop")),
        repr(Remark("changed", "@title", "old", "new")),
        repr(Remark("changed", "dropout@units", "1", "percent")),
    }


def test_names_of_layers_are_compared_network_by_network():
    """Earlier cubes name those of the deepest; later ones each network's own."""

    def own(dataset):
        names = [list("iabz"), [*"iaz", ""], list("iabz")]
        return dataset.assign_coords(layer_name=(("dropout", "layer"), names))

    result = compare_cubes(cube(), changed("/layers", own))
    assert not result.moved
    assert result.remarks == [
        Remark("renamed", "layers/layer_name", "b", "z"),
        Remark("unnamed", "layers/layer_name", 1),
    ]


def test_folders_are_compared_cube_by_cube(tmp_path):
    for folder, names in {"old": "ab", "new": "bc"}.items():
        for name in names:
            publish(cube(), tmp_path / folder / "cubes" / f"{name}.zarr.zip")
    result = compare_results(tmp_path / "old", tmp_path / "new" / "cubes")
    assert [c.name for c in result.cubes] == ["b"]
    assert (result.missing, result.added) == (["a"], ["c"])
    assert not result.same_numbers
    assert compare_results(tmp_path / "old", tmp_path / "old").same_numbers
    assert Comparison(result.cubes, [], ["c"]).same_numbers
    # All presets at once.
    (tmp_path / "results").mkdir()
    (tmp_path / "old").rename(tmp_path / "results" / "smoke")
    every = compare_results(tmp_path / "results", tmp_path / "results")
    assert [c.name for c in every.cubes] == ["smoke/a", "smoke/b"]
    with pytest.raises(LayerAtlasError, match="holds no cubes"):
        compare_results(tmp_path, tmp_path / "nowhere")
