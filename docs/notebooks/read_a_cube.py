# ---
# title: Read a cube
# needs: results/smoke/figures/phase_diagram.pdf results/smoke/claims/phase_diagram.json
# ---

# %% [markdown]
# # Read a cube
#
# An experiment is a grid of networks. When it has run, what is left of it is one file, its
# *cube*: every number of every network, under the names of the axes that were varied. Nothing in
# it is found by an index, so nothing can be found by a wrong one.
#
# This notebook opens the cube behind panel c of the noise–nonlinearity phase diagram of
# *Spring–block theory of feature learning in deep neural networks*, at the preset `smoke`: four
# perceptrons of eight layers on scikit-learn's digits, trained in a second. The same lines read
# the published grid; replace `smoke` by `paper`.

# %%
from pathlib import Path

import matplotlib.pyplot as plt

import layeratlas
from layeratlas.figures import style

style.set_theme()
path = Path("results/smoke/cubes/phase_diagram_dropout.zarr.zip")
cube = layeratlas.open_cube(path)
cube["layers"].to_dataset()

# %% [markdown]
# Networks lie along `dropout`, `negative_slope` (0 is ReLU, 1 is linear) and `seed`; what was
# measured of each lies along `layer`. Nothing has been read yet but the labels: arrays come when
# they are computed with. Each one says what it is, so that nobody has to remember it:

# %%
{
    name: cube["layers/data_separation"].attrs[name]
    for name in ("long_name", "formula", "references")
}

# %% [markdown]
# ## Selecting by label
#
# How well do the four generalise? Test accuracy in percent, evaluated as usual, with the running
# statistics of batch norm, at the last epoch:

# %%
accuracy = cube["evaluation/test_accuracy"].sel(batch_norm_mode="running_statistics").isel(epoch=-1)
(100 * accuracy.mean("seed")).astype(float).to_pandas().round(1)

# %% [markdown]
# ## The load curve
#
# Let Σ_w and Σ_b be the covariances within and between classes of the features of layer l. Their
# log ratio D_l = ln(tr Σ_w / tr Σ_b) falls as classes separate, and by how much it falls in a
# layer is the *load* of that layer, d_l = D_{l−1} − D_l. `load_curve` gives D_l, l = 0 … L',
# without the logits, averaged over seeds before anything else is done to it.

# %%
from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve, loads

curves = load_curve(cube)
figure, axes = plt.subplots(figsize=(style.COLUMN, 2.4), layout="constrained")
for dropout in curves["dropout"].values:
    for slope in curves["negative_slope"].values:
        curve = curves.sel(dropout=dropout, negative_slope=slope)
        axes.plot(curve["layer"], curve, marker="o", label=f"dropout {dropout:g}, slope {slope:g}")
axes.set(xlabel="layer $l$", ylabel="data separation $D_l$")
axes.legend()
plt.show()
# %% [markdown]
# A curve below its chord is *convex*: shallow layers carry the load. One above it is *concave*:
# deep layers do. The convexity index is the mean distance below the chord, in units of the
# curve's range. Here it is in three lines, and by the function that the figures use. They agree
# to the last bits of single precision:

# %%
chord = curves[..., 0] + (curves[..., -1] - curves[..., 0]) * curves["layer"] / curves["layer"][-1]
by_hand = (chord - curves).mean("layer") / (curves.max("layer") - curves.min("layer"))
index = convexity_index(curves)
assert abs(by_hand - index).max() < 1e-6
index.astype(float).to_pandas().round(3)

# %% [markdown]
# So this is what the paper's diagram says, in one column: without noise the ReLU network lets its
# deep layers work (below 0), and dropout moves the load towards the shallow ones. Loads
# themselves sum to what was separated in all:

# %%
d = loads(curves)
assert abs(d.sum("layer") - (curves[..., 0] - curves[..., -1])).max() < 1e-5
d.sel(negative_slope=0).astype(float).to_pandas().round(2)

# %% [markdown]
# ## What the paper claims of it
#
# Every figure has its claims beside it: a statement, the number that decides it, what the number
# must be, and the verdict. At `smoke` there is one seed, so many statements cannot be decided;
# that is said, and not counted.

# %%
import pandas as pd

from layeratlas.claims.files import read_claims

claims = read_claims("results/smoke/claims/phase_diagram.json").claims
columns = ("subject", "statement", "value", "comparison", "threshold", "verdict")
pd.DataFrame([{name: getattr(claim, name) for name in columns} for claim in claims[:6]])

# %% [markdown]
# ## Where it comes from
#
# Every job left a record. The lineage of a figure is a table of all that it was made from, down
# to the data set, with commit and settings of each step; a figure that was moved, renamed or
# printed finds its way back as well.

# %%
lineage = layeratlas.lineage("results/smoke/figures/phase_diagram.pdf")
lineage[["depth", "path", "rule"]].head(8)

# %% [markdown]
# ## Years from now
#
# The file is a Zarr hierarchy in a zip. Any xarray reads it, without this package:

# %%
import xarray as xr
import zarr

store = zarr.storage.ZipStore(path, mode="r")
plain = xr.open_datatree(store, engine="zarr", consolidated=False)
assert plain["layers/data_separation"].equals(cube["layers/data_separation"])
sorted(plain.children)
