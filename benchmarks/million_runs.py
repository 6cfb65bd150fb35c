"""A million runs, published in parts and reduced with dask: `python benchmarks/million_runs.py`.

A hundred cubes of 10,000 synthetic runs each (twenty slopes, five hundred seeds, one rate) hold two
metrics of every run at five epochs in nine layers under two views, and its status: 0.7 GB of random
numbers. One process opens them as one grid and takes mean, standard deviation and a quantile over
the seeds of all runs that are ok; its peak memory is that of the process. The same numbers are then
made by numpy of some parts, read by plain zarr. Exit status 1 where memory is above 4 GiB or a
number is another.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from layeratlas import open_parts
from layeratlas.storage import publish

SLOPES, EPOCHS, LAYERS, VIEWS = 20, 5, 9, 2
METRICS = ("data_separation", "convexity")
MOST = 4.0  # GiB


def part(k: int, seeds: int) -> xr.DataTree:
    """Cube number `k` of the grid, at the rate `k`."""
    rng = np.random.default_rng(k)
    shape = (1, SLOPES, seeds)
    dims = ("rate", "slope", "seed")
    top = xr.Dataset(
        {"status": (dims, (rng.random(shape) < 0.02).astype("i1"))},
        coords={"rate": [float(k)], "slope": np.linspace(0, 1, SLOPES), "seed": np.arange(seeds)},
    )
    inner = (*dims, "epoch", "view", "layer")
    layers = xr.Dataset(
        {
            name: (inner, rng.random((*shape, EPOCHS, VIEWS, LAYERS), dtype="f4"))
            for name in METRICS
        },
        coords={"epoch": range(EPOCHS), "view": ["one", "two"], "layer": range(LAYERS)},
    )
    return xr.DataTree.from_dict({"/": top, "/layers": layers})


def reduce(folder: Path) -> None:
    """In a process of its own: reduces the parts of a folder, and says what it took."""
    paths = sorted(folder.glob("part-*.zarr.zip"))
    begun, cpu = time.perf_counter(), time.process_time()
    with open_parts(paths, "layers") as layers, open_parts(paths) as top:
        opened = time.perf_counter() - begun
        ok = layers[[*METRICS]].astype("f8").where(top["status"] == 0)
        found = xr.merge(
            [
                ok.mean("seed").rename({name: f"mean_{name}" for name in METRICS}),
                ok.std("seed").rename({name: f"std_{name}" for name in METRICS}),
                ok[METRICS[0]].isel(epoch=-1).quantile(0.9, "seed").rename("upper"),
            ]
        ).compute()
        found.to_netcdf(folder / "reduced.nc")
    print(
        json.dumps(
            {
                "opening_s": opened,
                "wall_s": time.perf_counter() - begun,
                "cpu_s": time.process_time() - cpu,
                "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
            }
        )
    )


def differences(folder: Path, sample: list[int]) -> float:
    """Largest relative distance of the reduced numbers of some parts from those of numpy."""
    worst = 0.0
    with xr.open_dataset(folder / "reduced.nc") as reduced:
        for k in sample:
            store = zarr.storage.ZipStore(folder / f"part-{k:03d}.zarr.zip", mode="r")
            group = zarr.open_group(store, mode="r")
            ok = np.asarray(group["status"])[0] == 0
            for name in METRICS:
                values = np.asarray(group[f"layers/{name}"])[0].astype("f8")
                for slope in range(SLOPES):
                    kept = values[slope, ok[slope]]
                    at = reduced.sel(rate=float(k)).isel(slope=slope)
                    pairs = [
                        (at[f"mean_{name}"], kept.mean(axis=0)),
                        (at[f"std_{name}"], kept.std(axis=0)),
                    ]
                    if name == METRICS[0]:
                        pairs.append((at["upper"], np.quantile(kept[:, -1], 0.9, axis=0)))
                    for got, expected in pairs:
                        distance = np.abs(got.values - expected) / np.abs(expected)
                        worst = max(worst, float(distance.max()))
            store.close()
    return worst


def main(parts: int, seeds: int, folder: Path) -> int:
    """Makes, reduces, compares; the exit status."""
    begun, size = time.perf_counter(), 0
    for k in range(parts):
        path = folder / f"part-{k:03d}.zarr.zip"
        publish(part(k, seeds), path)
        size += path.stat().st_size
    made = time.perf_counter() - begun
    command = [sys.executable, __file__, "--reduce", str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    took = json.loads(told)
    rng = np.random.default_rng(0)
    sample = sorted(int(k) for k in rng.choice(parts, min(5, parts), replace=False))
    worst = differences(folder, sample)
    runs = parts * SLOPES * seeds
    print(f"{runs:,} runs in {parts} parts, {size / 2**30:.2f} GiB: published in {made:.0f} s")
    print(
        f"opened in {took['opening_s']:.1f} s, reduced in {took['cpu_s']:.0f} CPU-s "
        f"({took['wall_s']:.0f} s), peak {took['peak_gib']:.2f} GiB"
    )
    print(f"parts {sample} by numpy: largest relative distance {worst:.1e}")
    return int(took["peak_gib"] > MOST or worst > 1e-12)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--reduce", type=Path)
    given = parser.parse_args()
    if given.reduce:
        reduce(given.reduce)
    else:
        with tempfile.TemporaryDirectory() as made_in:
            sys.exit(main(given.parts, given.seeds, Path(made_in)))
