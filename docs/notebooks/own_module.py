# ---
# title: Your own network
# ---

# %% [markdown]
# # Your own network
#
# Any `torch.nn.Module` can be trained and measured as the papers' networks are. Here is one that
# asks a question of the spring–block theory: where a network is squeezed through few units, does
# that layer carry more of the load, or do its neighbours?
#
# ## A file of yours
#
# An hourglass: eight affine maps, with a waist of `waist` units in the middle. Nothing in the
# class knows of this project. In a clone the file goes to `nets/hourglass.py`, or wherever you
# like beside the Snakefile.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import layeratlas
from layeratlas.extending.places import settle
from layeratlas.figures import style

style.set_theme()
project = Path(tempfile.mkdtemp())
(project / "nets").mkdir()
(project / "nets" / "hourglass.py").write_text('''
"""A perceptron with a waist."""

from torch import nn


class Hourglass(nn.Module):
    def __init__(self, input_shape, n_outputs, width=64, waist=64):
        super().__init__()
        sizes = [width, width, width, waist, width, width, width]
        self.flatten = nn.Flatten()
        before = input_shape[0] * input_shape[1] * input_shape[2]
        self.layers = nn.ModuleList()
        for size in sizes:
            self.layers.append(nn.Linear(before, size))
            before = size
        self.head = nn.Linear(before, n_outputs)

    def forward(self, x):
        x = self.flatten(x)
        for layer in self.layers:
            x = layer(x).relu()
        return self.head(x)
''')
settle(project)

# %% [markdown]
# ## What is seen of it
#
# The module is run once, and its affine maps are found by what passes through them, whatever they
# are called and wherever they stand: dense maps, convolutions, maps of tokens. A layer is what
# the next map of the longest chain of maps reads.

# %%
from layeratlas.networks.registry import create_family

model = {"family": "module", "from": "nets/hourglass.py:Hourglass", "settings": {"waist": 4}}
family = create_family(model, (1, 10, 10), 10)
pd.DataFrame(
    [{"map": affine.name, "kind": affine.kind, "layer": affine.layer} for affine in family.affines]
)

# %% [markdown]
# ## A grid of it
#
# A parameter of the constructor is an axis like any other. Networks of different shapes stand in
# one cube.

# %%
experiments = project / "experiments"
experiments.mkdir()
(experiments / "waist.yaml").write_text("""\
title: Load of a network with a waist
dataset: {source: digits, n_train: 256, size: 10}
model: {family: module, from: "nets/hourglass.py:Hourglass", settings: {waist: 64}}
training: {optimizer: adam, learning_rate: 2e-3, batch_size: 32, epochs: 10}
measure: {metrics: [data_separation, alignment]}
grid: {waist: [2, 8, 64]}
seeds: 2
""")
cube = layeratlas.try_out("waist", experiments=experiments)
accuracy = cube["evaluation/test_accuracy"].isel(epoch=-1, batch_norm_mode=0).mean("seed")
(100 * accuracy).astype(float).to_pandas().round(1).rename("test accuracy / %").to_frame()

# %%
from layeratlas.papers.spring_block.load_curves import load_curve, loads

curves = load_curve(cube)
figure, panels = plt.subplots(1, 2, figsize=(style.PAGE * 0.8, 2.3), layout="constrained")
for waist in curves["waist"].values:
    curve = curves.sel(waist=waist)
    panels[0].plot(curve["layer"], curve, marker="o", label=f"waist {waist}")
    load = loads(curve)
    panels[1].plot(load["layer"], load, marker="o")
panels[0].set(xlabel="layer $l$", ylabel="data separation $D_l$")
panels[1].set(xlabel="layer $l$", ylabel="load $d_l$")
panels[1].axvline(4, color="0.6", linestyle=":", linewidth=0.8)
panels[0].legend()
plt.show()

# %% [markdown]
# Dotted: the waist; layer 8 is the read-out. The neighbours answer. What comes before a narrow
# waist carries more than it does in a network without one, and the layer behind it has a negative
# load: it spreads out again, and what was separated comes together a little.
#
# What a metric of maps sees is there as well: the alignment of each map's tangent kernel with the
# labels, for a module exactly as for a perceptron of the project.

# %%
alignment = cube["affine/alignment"].isel(epoch=-1, batch_norm_mode=0).mean("seed")
alignment.astype(float).to_pandas().round(3)

# %% [markdown]
# ## In the pipeline
#
# The text of the module is part of the identity of every run that is made with it: change a line
# of it and those networks are trained again, change a comment and they are not. With the same two
# files in a clone, `snakemake results/laptop/cubes/waist.zarr.zip` makes the cube.
