# ---
# title: Four theories, one network
# ---

# %% [markdown]
# # Four theories, one network
#
# Four papers say how the layers of a deep network share the work of learning features, each in
# its own quantity:
#
# | theory | quantity of layer l |
# |---|---|
# | spring–block (Shi, Pan and Dokmanić) | load d_l = D_{l−1} − D_l |
# | signal propagation (Lou, Mingard, Nam and Hayou) | alignment A_l |
# | feature learning as alignment (Beaglehole, Mitliagkas and Agarwala) | C-NFC of W_l |
# | feature speed (Chizat and Netrapalli) | angle θ_l |
#
# The *load* is large where a layer separates classes: D_l = ln(tr Σ_w / tr Σ_b) falls in it.
# *Alignment* is that of the layer's tangent kernel with the labels: large where its weights can
# still move the outputs towards them. *C-NFC* is the cosine of W̄ᵀW̄ and W̄ᵀKW̄, with W̄ = W −
# W(0) and K the second moment of the outputs' derivatives: large where what the weights have
# learnt is what the outputs respond to. The *angle* is that between the motion of a layer's
# features and minus their gradient: large where features move otherwise than down the gradient.
#
# Here all four are measured on the same networks in the same moment: those of the
# noise–nonlinearity diagram, at the end of training.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import layeratlas
from layeratlas.figures import style
from layeratlas.papers.nfa.theories import THEORIES, related, theories, tilt

style.set_theme()
cube = layeratlas.try_out("four_theories", preset="smoke")
found = theories(cube)
found

# %% [markdown]
# ## One network, layer by layer
#
# ReLU, without dropout and with it. Each theory on its own scale, since their units have nothing
# in common:

# %%
NAMES = {
    "load": "load $d_l$",
    "alignment": "alignment $A_l$",
    "nfc": "C-NFC of $W_l$",
    "angle": r"angle $\theta_l$ / rad",
}
figure, panels = plt.subplots(1, 4, figsize=(style.PAGE, 1.9), layout="constrained")
for panel, name in zip(panels, THEORIES, strict=True):
    for dropout, look in ((0.0, "-"), (0.28, "--")):
        values = found[name].sel(negative_slope=0, dropout=dropout)
        panel.plot(values["layer"], values, look, marker="o", label=f"dropout {dropout:g}")
    panel.set(title=NAMES[name], xlabel="layer $l$")
panels[0].legend()
plt.show()
# %% [markdown]
# Without noise the load grows with depth, alignment grows with it, and the angle closes. With
# dropout all three turn round: the load is carried by shallow layers, alignment is highest in the
# middle, and the angle opens towards the read-out. C-NFC alone rises with depth in both.
#
# ## Do they tell the same story?
#
# Not the values, but where in the network they are large can be compared. The *tilt* of a
# quantity is its mean over the deeper half of layers less that over the shallower half: positive
# where deep layers have more of it.

# %%
tilts = pd.DataFrame({name: tilt(found[name]).to_series() for name in THEORIES})
tilts.round(3)

# %% [markdown]
# And over all layers of all cells together, by rank: Spearman's correlation of every pair, with
# an interval from resampling whole cells, since layers of one network are not independent. Where
# 0 is inside the interval, these networks do not say how the two are related. Four cells and one
# seed seldom do:

# %%
pairs = pd.DataFrame(
    [
        {"pair": f"{r.first}, {r.second}", "Spearman": r.value, "low": r.low, "high": r.high}
        for r in related(found, tilts=False)
    ]
).set_index("pair")
pairs["decided"] = (pairs["low"] > 0) | (pairs["high"] < 0)
pairs.round(2)

# %% [markdown]
# The interval is honest only about cells. With four of them a resample often holds but two
# networks, and its ends are wide, or deceptively narrow; the figure `four_theories` of the preset
# `paper` has 48 cells and ten seeds, and its claims say what of this survives.
#
# ## What is exact
#
# Two of the four are not estimates, but identities of this very network. The loads sum to what
# was separated in all, and the feature speed formula ties the angle to the loss decay: |ḟ| cos θ
# |b| = Σ C_k, with C_k the contribution of layer k to it. Its residual is in every cube that asks
# for it.

# %%
from layeratlas.cubes import selecting

D = selecting.final(cube["layers/data_separation"]).mean("seed").sel(negative_slope=0, dropout=0)
total = float(D.isel(layer=0) - D.isel(layer=-2))
loads = found["load"].sel(negative_slope=0, dropout=0)
assert np.isclose(loads.sum(), total, rtol=1e-4)
print(f"separated in all: {total:.3f}, sum of loads: {float(loads.sum()):.3f}")
