"""Atlases of made-up experiments: cubes as the pipeline publishes them, with their records."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.atlas.contents import Drawn, gather
from layeratlas.atlas.page import page
from layeratlas.claims.claim import judge
from layeratlas.claims.files import to_json
from layeratlas.storage import publish
from made.builder import Store, made_up
from made.synthetic import SMOKE_GRID, SMOKE_SLOPES, theory_cube

FIGURE = "phase_diagram"
LETTERS = {"phase_diagram_data_noise": "a", "phase_diagram_dropout": "c"}
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path d="M0 0L4 3"/></svg>\n'
CAPTION = "Phase diagram.\nRed: $D_l$ against layer.\nGrey: accuracy.\n"


@dataclass
class Made:
    """Files of an atlas in the folder `root`, as `gather` and `page` take them."""

    root: Path
    told: list[dict[str, Any]]
    drawn: dict[str, Drawn]
    cubes: dict[str, Path]

    def contents(self) -> dict[str, Any]:
        return gather("smoke", self.told, self.drawn, self.cubes, self.root)

    def page(self, budget: float = 5e6) -> str:
        drawings = {name: one.drawing for name, one in self.drawn.items()}
        return page(self.contents(), self.cubes, drawings, budget=budget)


def as_published(tree: xr.DataTree, name: str, *, epochs: int = 20) -> xr.DataTree:
    """A synthetic cube with what the pipeline's has besides: axes, run ids, losses of training."""
    root = tree.to_dataset()
    axes = [str(dim) for dim in root["status"].dims if dim != "seed"]
    shape = root["status"].shape
    ids = np.array([f"{name}-{k:04d}" for k in range(root["status"].size)], dtype=object)
    root = root.assign(run_id=(root["status"].dims, ids.reshape(shape)))
    root = root.assign_attrs(axes=" ".join(axes), title=f"Synthetic, {name}")
    steps = np.arange(1, epochs + 1)
    chance = np.random.default_rng(epochs).uniform(0.8, 1.2, (*shape, epochs))
    loss = (chance * 2.3 / steps).astype("float32")
    training = xr.Dataset({"train_loss": ((*root["status"].dims, "epoch"), loss)}, {"epoch": steps})
    nodes = {node.path: node.to_dataset(inherit=False) for node in tree.subtree}
    return xr.DataTree.from_dict({**nodes, "/": root, "/training": training})


def small_atlas(
    root: Path,
    grid: dict[str, tuple[float, ...]] | None = None,
    slopes: tuple[float, ...] = SMOKE_SLOPES,
    *,
    seeds: int = 2,
    epochs: int = 20,
    changed: Callable[[xr.DataTree], xr.DataTree] = lambda tree: tree,
) -> Made:
    """Two experiments, or one for each axis of `grid`, one figure of them, two claims.

    What is published is the `changed` cube.
    """
    grid = grid or {noise: SMOKE_GRID[noise] for noise in ("data_noise", "dropout")}
    store = Store(root)
    data = made_up("results/smoke/datasets/0123456789abcdef.zarr.zip")
    store.job("prepare_dataset", outputs=[data], settings={"recipe": {"source": "mnist_5k"}})
    cubes = {}
    for noise, values in grid.items():
        name = f"phase_diagram_{noise}"
        tree = theory_cube(noise, values, slopes, seeds=seeds, preset="smoke", scatter=0.1)
        tree = changed(as_published(tree, name, epochs=epochs))
        path = f"results/smoke/cubes/{name}.zarr.zip"
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        publish(tree, root / path)
        _record_runs(store, name, data, [str(i) for i in tree["run_id"].values.ravel()])
        cubes[name] = root / path
    drawn = _drawn(root, store, list(cubes))
    told = {
        "name": FIGURE,
        "title": "Phase diagram",
        "paper": "spring_block",
        "reference": "Shi, Pan and Dokmanić",
        "experiments": list(cubes),
        "letters": LETTERS,
    }
    return Made(root, [told], {FIGURE: drawn}, cubes)


def _record_runs(store: Store, name: str, data: Any, runs: list[str]) -> None:
    """Two shards of the runs, measured and assembled."""
    measured = []
    for half in (runs[: len(runs) // 2], runs[len(runs) // 2 :]):
        key = f"{abs(hash_of(half[0])):016x}"[:16]
        plan = {"plan": {"key": key, "run_ids": half, "shared": {"training": {"epochs": 20}}}}
        shard = made_up(f"results/smoke/shards/{name}/{key}.zarr.zip", role="shard")
        store.job("train", [data], [shard], settings=plan)
        made = made_up(f"results/smoke/measurements/{name}/{key}.zarr.zip", role="measurement")
        store.job("measure", [shard, data], [made], settings={**plan, "measure": {"seeds": 2}})
        measured.append(made)
    cube = store.state(f"results/smoke/cubes/{name}.zarr.zip", "cube")
    asked = {"plan": {"description": {"title": name}, "runs": [{"id": run} for run in runs]}}
    store.job("assemble_cube", measured, [cube], settings=asked, experiment=name)


def hash_of(text: str) -> int:
    """The same in every process."""
    return int.from_bytes(text.encode()[-7:], "big")


def _drawn(root: Path, store: Store, experiments: list[str]) -> Drawn:
    folder = root / "results/smoke/figures"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "results/smoke/claims").mkdir(parents=True, exist_ok=True)
    drawn = Drawn(
        folder / f"{FIGURE}.svg",
        folder / f"{FIGURE}.caption.txt",
        root / f"results/smoke/claims/{FIGURE}.json",
    )
    drawn.drawing.write_text(DRAWING)
    drawn.caption.write_text(CAPTION)
    claims = [
        judge(id="1", subject="a data noise", statement="concave", comparison="<=", **_common()),
        judge(id="9", subject="all", statement="the source does not matter", comparison=">=",
              **_common()),
    ]  # fmt: skip
    drawn.claims.write_text(to_json(claims, {"preset": "smoke"}))
    cubes = [store.state(f"results/smoke/cubes/{name}.zarr.zip", "cubes") for name in experiments]
    told = {"figure": FIGURE, "wildcards": {"figure": FIGURE}}
    made = store.state_of_bytes(f"results/smoke/figures/{FIGURE}.svg", "figure")
    store.job("draw_figure", cubes, [made], settings={"preset": "smoke"}, **told)
    made = store.state_of_bytes(f"results/smoke/claims/{FIGURE}.json", "claims")
    store.job("check_claims", cubes, [made], settings={"preset": "smoke"}, **told)
    return drawn


def _common() -> dict[str, Any]:
    return {"figure": FIGURE, "source": "arXiv", "value": -0.2, "threshold": -0.1, "n": 2}


def told_in(text: str) -> dict[str, Any]:
    """What a page tells, out of its text."""
    return json.loads(held_in(text, "contents"))


def inside(text: str) -> list[str]:
    """Keys of the cubes and drawings that a page holds."""
    return re.findall(r'<script type="text/plain" id="((?:cube|drawing)-[^"]+)">', text)


def held_in(text: str, key: str) -> bytes:
    """What a page holds under a key."""
    found = re.search(rf'<script type="text/plain" id="{key}">([^<]*)</script>', text)
    assert found is not None, key
    return gzip.decompress(base64.b64decode(found[1]))


def packed(content: bytes) -> str:
    """As a page holds it."""
    return base64.b64encode(gzip.compress(content)).decode()
