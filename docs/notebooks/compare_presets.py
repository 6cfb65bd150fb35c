# ---
# title: Compare presets
# ---

# %% [markdown]
# # Compare presets
#
# Every experiment comes in three sizes. `smoke` shows that it runs, `laptop` what it finds,
# `paper` is the published grid. When do you need the larger one? The question has an exact form:
# which statements does the smaller one leave open, and is anything that it decides decided
# otherwise by the larger one?
#
# ## What a preset changes
#
# The same file, read at three presets; only what differs is shown. Anything a preset does not say
# is the same in all of them.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import layeratlas
from layeratlas.config.expansion import expand
from layeratlas.config.experiment import load_experiment
from layeratlas.figures import style

style.set_theme()
PRESETS = ("smoke", "laptop", "paper")
folder = Path("config/experiments")


def told(preset):
    asked = load_experiment("phase_diagram_dropout", preset, folder)
    data, training = asked.settings["dataset"], asked.settings["training"]
    return {
        "data": data["source"],
        "training images": data["n_train"],
        "epochs": training["epochs"],
        "cells": int(np.prod([len(values) for values in asked.grid.values()])),
        "networks": len(expand(asked)),
    }


pd.DataFrame({preset: told(preset) for preset in PRESETS})

# %% [markdown]
# ## A grid that is cheap at every size
#
# The mechanical model, a chain of blocks and springs on a rough floor, takes a fraction of a
# second, so that its phase diagram has the full grid at every preset, and only the number of
# chains in a cell grows. It shows what a larger preset buys, with nothing else changed.

# %%
cubes = {preset: layeratlas.try_out("spring_phase_diagram", preset) for preset in PRESETS}
{preset: cube.sizes["seed"] for preset, cube in cubes.items()}

# %% [markdown]
# First: **growing never moves a number.** Random draws are keyed by the seed alone, so that the
# four chains of `smoke` are the first four of `paper`, to the last bit:

# %%
from layeratlas.cubes.comparing import compare_cubes

small = cubes["smoke"]
same = cubes["paper"].sel(seed=small["seed"])
assert compare_cubes(small, same).moved == []
"no number moved"

# %% [markdown]
# Second: **the standard error falls as 1/√n.** The convexity index of a cell is a mean over
# chains. Its standard error, in the median over cells:

# %%
from layeratlas.papers.spring_block.chain_cubes import chain_curves
from layeratlas.papers.spring_block.load_curves import convexity_index


def by_chain(cube):
    return convexity_index(chain_curves(cube, over=None))


table = {}
for preset, cube in cubes.items():
    index = by_chain(cube)
    n = index.sizes["seed"]
    error = index.std("seed", ddof=1) / np.sqrt(n)
    shaken = error.where(error > 0)
    table[preset] = {"chains": n, "standard error": float(shaken.median())}
errors = pd.DataFrame(table).T
errors["times √n"] = errors["standard error"] * np.sqrt(errors["chains"])
errors.round(4)

# %% [markdown]
# Third: **an order needs more than a sign.** That most of these curves are convex (index above 0)
# is settled by four chains. Which of two neighbours is the more convex is another question, and
# the one that a statement such as "noise moves the load to shallow layers" asks. Here is each
# cell against the next one with more noise: `+` where the index rises by more than two standard
# errors of the difference, `?` where it may as well fall.

# %%
figure, panels = plt.subplots(1, 3, figsize=(style.PAGE, 2.2), sharey=True, layout="constrained")
order = {}
for panel, (preset, cube) in zip(panels, cubes.items(), strict=True):
    # Cells share their draws, so the difference is taken chain by chain.
    step = by_chain(cube).diff("noise_strength").transpose("friction_right", "noise_strength", ...)
    error = step.std("seed", ddof=1) / np.sqrt(step.sizes["seed"])
    mean = step.mean("seed")
    order[preset] = np.sign(mean.where(abs(mean) > 2 * error, 0))
    shades = plt.matplotlib.colors.ListedColormap(["#0072B2", "#E5E5E5", "#E69F00"])
    panel.imshow(order[preset], cmap=shades, vmin=-1, vmax=1, origin="lower", aspect="auto")
    for (row, column), sign in np.ndenumerate(order[preset].values):
        panel.text(column, row, {-1: "−", 0: "?", 1: "+"}[int(sign)], ha="center", va="center")
    to = [f"{value:g}" for value in mean["noise_strength"].values]
    panel.set_xticks(range(len(to)), to, rotation=90)
    panel.set(title=f"{preset}: {int((order[preset] == 0).sum())} open", xlabel="to noise strength")
rows = [f"{value:g}" for value in mean["friction_right"].values]
panels[0].set_yticks(range(len(rows)), rows)
panels[0].set_ylabel("friction")
plt.show()

# %% [markdown]
# Five times the chains settle the rise further to the right, where the diagram begins to
# saturate. Was anything decided by a smaller preset that the largest decides the other way?

# %%
{preset: int(((order[preset] * order["paper"]) < 0).sum()) for preset in ("smoke", "laptop")}

# %% [markdown]
# Nothing. But look along the columns: they open and close together, and some that twenty chains
# seem to settle a hundred leave open. Cells share their draws, so that six rows are not six
# pieces of evidence; they are one, seen six times. A verdict of a claim therefore asks which
# orders the seeds allow, of all cells at once, and says *tie* where it would depend on that.

# %% [markdown]
# ## Networks
#
# Of networks a preset changes more than n: images, epochs, values of the grid. What both have is
# found by label. If both presets have been made, this compares their load curves where the grids
# meet:

# %%
from layeratlas.papers.spring_block.load_curves import load_curve

made = {
    preset: Path(f"results/{preset}/cubes/phase_diagram_dropout.zarr.zip") for preset in PRESETS
}
made = {preset: path for preset, path in made.items() if path.exists()}
indices = {
    preset: convexity_index(load_curve(layeratlas.open_cube(p))) for preset, p in made.items()
}
pd.concat(
    {preset: index.to_series() for preset, index in indices.items()}, axis=1, join="inner"
).round(2) if indices else "none of them has been made here"

# %% [markdown]
# Two folders of results of the *same* preset are compared, number by number, with `layeratlas
# compare OLD NEW`: it ends with 1 if any number moved, which is how a change of code proves that
# it changed nothing.
