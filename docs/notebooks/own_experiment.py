# ---
# title: Your own experiment
# ---

# %% [markdown]
# # Your own experiment
#
# Does momentum change which layers learn? The question is a grid, a grid is one YAML file, and
# the rest follows from it: which networks are trained, how they are cut into jobs, what is
# measured, and how it is labelled. No code is written for it.
#
# In a clone the file goes to `config/experiments/momentum.yaml`. Here it goes to a folder that is
# thrown away, with the file that it extends beside it.

# %%
import shutil
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import layeratlas
from layeratlas.figures import style

experiments = Path(tempfile.mkdtemp()) / "experiments"
experiments.mkdir()
shutil.copy("config/experiments/phase_diagram.yaml", experiments)
momentum = """\
extends: phase_diagram
title: Load curves under momentum
training: {optimizer: sgd, learning_rate: 0.05, batch_size: 128, epochs: 20}
grid:
  momentum: [0, 0.5, 0.9]
presets:
  smoke: {training: {epochs: 20}, seeds: 2}
"""
(experiments / "momentum.yaml").write_text(momentum)
style.set_theme()

# %% [markdown]
# It takes over everything of `phase_diagram.yaml` that it does not say itself: the data, the
# network of eight layers, what is measured, the axis `negative_slope`, and the presets.
#
# ## What would run
#
# Before anything runs, the file is read, typed and expanded. Each *run* is one network, and its
# id is a hash of all that determines its numbers, so that the same settings are the same run in
# every grid.

# %%
import pandas as pd

from layeratlas.config.expansion import expand
from layeratlas.config.experiment import load_experiment

asked = load_experiment("momentum", "smoke", experiments)
runs = expand(asked)
print(len(runs), "networks")
pd.DataFrame([{"run": run.id[:8], **run.coordinates} for run in runs[:5]])

# %% [markdown]
# What cannot be meant is refused now, in one sentence that names the file, the key, the value,
# and what would be right:

# %%
from layeratlas.errors import ConfigError

wrong = momentum.replace("batch_size: 128", "batch_size: all")
(experiments / "wrong.yaml").write_text(wrong)
try:
    load_experiment("wrong", "smoke", experiments)
except ConfigError as refusal:
    print(str(refusal).replace(f"{experiments}/", ""))
else:
    raise AssertionError("it was taken")
(experiments / "wrong.yaml").unlink()

# %% [markdown]
# ## Running it
#
# `layeratlas.try_out` trains and measures in this process and gives the cube, in memory. Its
# numbers are those of the pipeline, bit for bit; what it does not do is keep anything.

# %%
cube = layeratlas.try_out("momentum", preset="smoke", experiments=experiments)
dict(cube.sizes)

# %%
from layeratlas.papers.spring_block.load_curves import convexity_index, load_curve

curves = load_curve(cube)
figure, panels = plt.subplots(
    1, 2, figsize=(style.PAGE * 0.8, 2.3), sharey=True, layout="constrained"
)
for panel, slope in zip(panels, (0, 1), strict=True):
    for value in curves["momentum"].values:
        curve = curves.sel(momentum=value, negative_slope=slope)
        panel.plot(curve["layer"], curve, marker="o", label=f"momentum {value:g}")
    panel.set(xlabel="layer $l$", title="ReLU" if slope == 0 else "linear")
panels[0].set_ylabel("data separation $D_l$")
panels[0].legend()
plt.show()
# %% [markdown]
# The convexity index by cell, and how far two seeds are apart in it. What is smaller than that is
# not yet an effect:

# %%
by_seed = convexity_index(load_curve(cube, over=None))
index = by_seed.mean("seed")
apart = abs(by_seed.isel(seed=0) - by_seed.isel(seed=1))
pd.concat({"index": index.to_pandas(), "seeds apart": apart.to_pandas()}, axis=1).round(3)

# %% [markdown]
# Momentum 0.9 moves the load towards shallow layers, in both kinds of networks and by many times
# what seeds differ. Is it momentum that does so, or that these networks have learnt more in the
# same twenty epochs? That is the next grid: records at equal loss (`loss_below`) instead of equal
# epochs.
#
# ## Growing it
#
# Another value, another seed: the runs that are there stay what they are, and only new ones are
# trained. That holds because draws are keyed by the seed alone, and a run's numbers do not depend
# on which others are beside it:

# %%
(experiments / "grown.yaml").write_text(
    momentum.replace("[0, 0.5, 0.9]", "[0, 0.5, 0.8, 0.9]").replace("seeds: 2", "seeds: 3")
)
more = expand(load_experiment("grown", "smoke", experiments))
there = {run.id for run in runs}
print(len(more), "networks,", sum(run.id not in there for run in more), "of them new")
assert there < {run.id for run in more}

# %% [markdown]
# ## For good
#
# In the clone, with the file in `config/experiments`, the pipeline does the same and keeps it:
# the cube, its figure, and a record of every job.
#
# ```
# snakemake -n figures/maps/momentum/data_separation.pdf      # what would run
# snakemake figures/maps/momentum/data_separation.pdf         # train, measure, draw
# ```
