# ---
# title: Your own metric
# ---

# %% [markdown]
# # Your own metric
#
# Over how many directions are the features of a layer spread? Let C be their covariance, with
# eigenvalues λ_i. The *participation ratio*
#
#     PR = (Σ λ_i)² / Σ λ_i² = (tr C)² / tr C²
#
# is 1 where all lie on a line, and the dimension where they are isotropic. With ten classes that
# have collapsed to their means it is at most 9. It needs no eigenvalues, only two traces, and of
# n features in m dimensions it can be had from the n × n Gram matrix, whose traces are the same.
#
# ## A file of yours
#
# A metric is a function of *signals* (here `features`) and an entry that says which ones it
# needs. The file goes to `extensions/` beside the Snakefile. Here that is a folder that is thrown
# away.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import layeratlas
from layeratlas.extending.places import settle
from layeratlas.figures import style

style.set_theme()
project = Path(tempfile.mkdtemp())
(project / "extensions").mkdir()
(project / "extensions" / "spread.py").write_text('''
"""Over how many directions the features of a layer are spread."""

from layeratlas.metrics.registry import METRICS, Metric

METRICS.add(
    Metric(
        "participation",
        "extensions.spread:participation",
        needs=("features",),
        gives="layer",
        long_name="participation ratio of the features' covariance C",
        formula="(tr C)^2 / tr C^2",
    )
)


def participation(features):
    """Features `(member, sample, feature)`, of numpy or torch, to `(member,)`."""
    centred = features - features.mean(1)[:, None]
    gram = centred @ centred.swapaxes(1, 2)
    return (centred**2).sum((1, 2)) ** 2 / (gram**2).sum((1, 2))
''')
settle(project)

# %% [markdown]
# ## Is it right?
#
# A fast formula deserves a slow twin. The definition, by eigenvalues, on random features of
# unequal spread, and two cases that are known without computing:

# %%
from layeratlas.tables import resolve

participation = resolve("extensions.spread:participation")
random = np.random.default_rng(0)
scales = np.linspace(1, 4, 20)
features = random.normal(size=(3, 200, 20)) * scales


def by_eigenvalues(one):
    eigenvalues = np.linalg.eigvalsh(np.cov(one.T))
    return eigenvalues.sum() ** 2 / (eigenvalues**2).sum()


np.testing.assert_allclose(participation(features), [by_eigenvalues(one) for one in features])
line = random.normal(size=(1, 200, 1)) * scales
isotropic = random.normal(size=(1, 2000, 4))
print(
    "on a line:",
    participation(line).round(6),
    " isotropic in 4:",
    participation(isotropic).round(2),
)

# %% [markdown]
# ## On networks
#
# From now on `participation` is a metric like any other: it may be asked for in an experiment,
# and it stands in the cube with its name, its formula and what it was computed of.

# %%
experiments = project / "experiments"
experiments.mkdir()
(experiments / "spread.yaml").write_text("""\
title: Spread of features over dropout
dataset: {source: digits, n_train: 640, size: 10}
model: {family: mlp, depth: 8, width: 100, batch_norm: true}
training: {optimizer: adam, learning_rate: 1e-3, batch_size: 64, epochs: 10}
checkpoints: [0, final]
measure: {metrics: [participation, data_separation]}
grid: {negative_slope: [0, 1], dropout: [0, 0.2]}
seeds: 2
""")
cube = layeratlas.try_out("spread", experiments=experiments)
spread = cube["layers/participation"].sel(batch_norm_mode="running_statistics").mean("seed")
spread.attrs["long_name"], dict(spread.sizes)

# %%
figure, panels = plt.subplots(
    1, 2, figsize=(style.PAGE * 0.8, 2.3), sharey=True, layout="constrained"
)
for panel, slope in zip(panels, (0, 1), strict=True):
    at = spread.sel(negative_slope=slope)
    start = at.isel(epoch=0, dropout=0)
    panel.plot(start["layer"], start, color="0.6", label="before training")
    for dropout in at["dropout"].values:
        curve = at.isel(epoch=-1).sel(dropout=dropout)
        panel.plot(curve["layer"], curve, marker="o", label=f"dropout {dropout:g}")
    panel.axhline(9, color="0.6", linestyle=":", linewidth=0.8)
    panel.set(xlabel="layer $l$", title="ReLU" if slope == 0 else "linear")
panels[0].set_ylabel("participation ratio")
panels[0].legend()
plt.show()

# %% [markdown]
# Dotted: nine, the dimension of ten class means. Depth alone narrows the features of a random
# network, ReLU or not, whose inputs draw together from layer to layer. Training opens them, most
# in the first layers of the ReLU network; dropout holds them closer together. Towards the
# read-out all come down to nine and below: what is left are class means.
#
# ## In the pipeline
#
# With the file in `extensions/`, any experiment may name it in `measure.metrics`. The file's
# text, without comments, is part of what identifies the result: edit the function, and what uses
# it is measured again, while nothing is trained again, and nothing else is touched.
# [Extending](../extending.md) has metrics of gradients and of weights, too, and losses,
# optimisers, networks and figures.
