"""Probes: what one gradient step does to a network, without training it.

A network f_l = T_l(f_{l−1}, w_l), l = 1 … L, and a loss of f_L. With b_l = ∂loss/∂f_l (the backward
pass), G_l the gradient of matrix l and η_l its learning rate, gradient flow moves w_l at −η_l G_l
and feature l at velocity ḟ_l. The angle θ_v between ḟ_v and −b_v (backward–feature angle) obeys,
for every architecture and at any time,

    |ḟ_v| cos θ_v |b_v| = D_v := Σ_{l≤v} C_l,   C_l := η_l |G_l|²   (feature speed formula)

D_v is the loss decay due to layers up to v, S_v := |ḟ_v|_rms / D_v the sensitivity of feature v.

Networks, with φ(z) = z for z > 0 and s z otherwise (s = 0 ReLU, s = 1 linear), a = √(1 − β²):

    f_1 = W_1 x,   f_l = a f_{l−1} + β W_l φ(f_{l−1}),   f_L = W_L f_{L−1}      ResNet (Eq. 12)
    β = 1 and f_L = W_L φ(f_{L−1})                                            MLP (Eq. 10)

A batch is part of the feature: norms and angles run over samples and units together, and
|f|_rms = |f|/√dim. No gradient matrix is formed: with g_l the vector that W_l multiplies, β
included, G_l = Σ_i b_l(i) g_l(i)ᵀ, so |G_l|² = Σ_ij (b_l(i)·b_l(j)) (g_l(i)·g_l(j)), and velocities
need products of samples only.

Arrays are float64, `(setting, sample, unit)`: several settings (branch scales, initial spreads)
share one draw of weights, and what a setting gives does not depend on those beside it. m units,
d inputs, k outputs, n samples. These symbols and shapes are those of every module here:

- `networks`: draws of weights, and networks of them; `products`: their products with vectors.
- `losses`, `passes`, `rates`, `velocities`: one gradient step, from the loss to the features.
- `angles`, `measures`: what is read off it; `kernels`: why; `calibration`: rates that balance it.
- `problems`, `recording`, `shard`: runs of an experiment and their labelled numbers; `variables`:
  names and meanings of these.

>>> import numpy as np
>>> from layeratlas.probes.losses import Square
>>> from layeratlas.probes.measures import probe
>>> from layeratlas.probes.networks import draw, resnet
>>> weights = draw(seed=0, depth=10, width=200)
>>> network = resnet(10, 200, branch_scale=[0.1, 0.3])
>>> probe(weights, network, np.ones(10), Square(1.0)).theta.shape      # (setting, 0 … L)
(2, 11)

Source: Chizat and Netrapalli, "The Feature Speed Formula", NeurIPS 2024, Thm 2.1, Def. 3.1, §4.2;
specification §1.3–1.5, §2.6, §5.
"""
