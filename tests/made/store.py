"""A small project with real files: data set, shard, measurement, a cube twice, a figure."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas.storage import publish
from made.builder import Store, pipeline


def cube(shift: float = 0.0, slopes=(0.0, 0.5, 1.0), title: str = "a cube") -> xr.DataTree:
    """Two groups; `shift` moves one value of one variable."""
    separation = np.arange(2 * len(slopes), dtype="float32").reshape(len(slopes), 2)
    separation[0, 1] += shift
    layers = xr.Dataset(
        {"separation": (("slope", "layer"), separation)},
        coords={"slope": list(slopes), "layer": [0, 1]},
    )
    root = xr.Dataset(
        {"loss": ("slope", np.ones(len(slopes), "float32"))},
        coords={"slope": list(slopes)},
        attrs={"title": title},
    )
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


def make_cube(store: Store, measured: list, shift: float = 0.0, **given) -> None:
    path = "results/smoke/cubes/phase.zarr.zip"
    (store.root / path).parent.mkdir(parents=True, exist_ok=True)
    tree = cube(shift, **{k: given.pop(k) for k in ("slopes", "title") if k in given})
    publish(tree, store.root / path, objects=store.root / "store" / "objects")
    settings = {"plan": {"description": {"settings": {"epochs": given.pop("epochs", 10)}}}}
    store.job(
        "assemble_cube",
        measured,
        [store.state(path, "cube")],
        experiment="phase",
        wildcards={"experiment": "phase"},
        settings=settings,
        **given,
    )


@pytest.fixture
def project(tmp_path: Path, made_once: Store) -> Store:
    """One data set, one shard, a cube made twice (0.25 apart), a figure of the second."""
    shutil.copytree(made_once.root, tmp_path / "project")
    store = Store(tmp_path / "project")
    store.jobs = made_once.jobs
    return store


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Store:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    from layeratlas.figures.output import save

    store = Store(tmp_path_factory.mktemp("made") / "project")
    folder = store.root / "results" / "smoke"
    data = "results/smoke/datasets/0123456789abcdef.zarr.zip"
    shard = "results/smoke/shards/phase/aaaaaaaaaaaaaaaa.zarr.zip"
    measured = "results/smoke/measurements/phase/aaaaaaaaaaaaaaaa.zarr.zip"
    for number, path in enumerate((data, shard, measured)):
        (store.root / path).parent.mkdir(parents=True)
        publish(xr.Dataset({"x": ("i", np.arange(number + 2.0))}), store.root / path)
    store.job(
        "prepare_dataset",
        outputs=[store.state(data, "data")],
        settings={"recipe": '{"source": "mnist_5k", "n_train": 10}', "code": "x"},
        wildcards={"key": "0123456789abcdef"},
    )
    which = {
        "experiment": "phase",
        "wildcards": {"experiment": "phase", "key": "aaaaaaaaaaaaaaaa"},
    }
    store.job("train", [store.state(data, "data")], [store.state(shard, "shard")], **which)
    store.job(
        "measure",
        [store.state(shard, "shard"), store.state(data, "data")],
        [store.state(measured, "measurement")],
        **which,
    )
    inputs = [store.state(measured, "measurement")]
    make_cube(store, inputs)
    make_cube(store, inputs, shift=0.25, epochs=20, source="b" * 64)
    path = "results/smoke/cubes/phase.zarr.zip"
    state = store.state(path, "cube")
    (folder / "figures").mkdir()
    figure, axes = plt.subplots()
    axes.plot([0, 1])
    identity = {"figure": "f", "preset": "smoke", "code": "c", "cube phase": state.content_hash}
    save(figure, folder / "figures" / "f", identity)
    plt.close(figure)
    drawn = [store.state(f"results/smoke/figures/f.{k}", "figure") for k in ("pdf", "png", "svg")]
    about = {"figure": "f", "wildcards": {"figure": "f"}}
    store.job("draw_figure", [state], drawn, **about)
    (store.root / "figures").mkdir()
    for kind in ("pdf", "png", "svg"):
        content = (folder / "figures" / f"f.{kind}").read_bytes()
        (store.root / "figures" / f"f.{kind}").write_bytes(content)
    shown = [store.state(f"figures/f.{k}", "figure") for k in ("pdf", "png", "svg")]
    store.job("show_figure", drawn, shown, **about)
    return store


@pytest.fixture
def recorded(tmp_path: Path) -> Store:
    """A pipeline of which only the records exist."""
    return pipeline(tmp_path / "recorded", shards=6, experiments=2)
