"""Figure of the kernels and Jacobians behind the angles."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from layeratlas.figures import style
from layeratlas.figures.ticks import plain_log
from layeratlas.papers.feature_speed import reductions as fs
from layeratlas.papers.feature_speed import theory
from layeratlas.papers.feature_speed.figures import looks
from layeratlas.papers.given import Cubes, References


@style.styled
def bfa_conditioning(cubes: Cubes, references: References) -> Figure:
    """Why angles open: spread of the kernels' spectra (a) and conditioning of Jacobians (b, c).

    a: measured cos θ_v against M_1/√M_2 of the kernel K_v (Thm 3.2); b: m tr((JJᵀ)²)/tr(JJᵀ)² of
    J = ∂f_v/∂f_1; c: its smallest singular value over the root mean square. Dotted: closed forms.
    """
    cube = cubes["bfa_conditioning"]
    cos = fs.quantity(cube, "cos_backward_feature_angle")
    first, second = (fs.quantity(cube, f"kernel_moment_{p}") for p in (1, 2))
    predicted = first / np.sqrt(second)
    ratio = fs.quantity(cube, "jacobian_moment_ratio")
    smallest = fs.quantity(cube, "jacobian_smallest_singular_value")
    betas, depth = fs.branch_scales(cube), int(fs.depths(cube).max())
    figure = style.new_figure(style.PAGE, 2.6)
    a, b, c = figure.subplots(1, 3)
    a.plot([0, 1], [0, 1], color="0.6", lw=0.8, zorder=0)
    hidden = slice(2, depth - 1)
    layers = np.arange(2, depth)
    for rule in looks.rules(fs.axis(cube, "branch_rule")):
        label, colour = looks.of_rule(rule)[:2]
        here = {"branch_rule": rule}
        x, y = (v.sel(here).sel(layer=hidden).values.ravel() for v in (predicted, cos))
        a.plot(x, y, color=colour, ls="", marker=".", ms=2.5, label=label)
        draws = ratio.sel(here).sel(layer=hidden).transpose("layer", "seed")
        b.plot(draws["layer"], draws.values, color=colour, lw=0.8)
        beta = float(betas.sel(here))
        b.plot(layers, theory.jacobian_moment_ratio(layers - 1, beta), **looks.THEORY)
        floor = smallest.sel(here).sel(layer=hidden).transpose("layer", "seed")
        c.plot(floor["layer"], floor.values, color=colour, lw=0.8)
    a.set(xlabel=r"$M_1/\sqrt{M_2}$ of $K_v$", ylabel=r"$\cos\,\theta_v$", xlim=(0, 1.05))
    a.set_ylim(0, 1.05)
    a.set_xticks([0, 0.5, 1])
    b.set(xlabel="layer $v$", ylabel=r"$m\,\mathrm{tr}(JJ^T)^2/(\mathrm{tr}\,JJ^T)^2$")
    b.set_yscale("log")
    plain_log(b.yaxis)
    c.set(xlabel="layer $v$", ylabel=r"$s_{\min}(J)\,/\,s_{\mathrm{rms}}$", ylim=(-0.03, 1))
    handles, labels = a.get_legend_handles_labels()
    handles.append(Line2D([], [], **looks.THEORY))
    labels.append("closed form")
    figure.legend(handles, labels, loc="outside upper center", ncols=4, markerscale=2)
    for letter, axes in zip("abc", (a, b, c), strict=True):
        axes.set_title(letter, loc="left", fontweight="bold")
        style.open_frame(axes)
    for axes in (b, c):
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=3))
    style.note(
        figure,
        f"ReLU networks of depth {depth}, width {fs.setting(cube, 'model.width')}, one input; "
        f"each draw is shown. a: layers 2 to {depth - 1}; on the grey line the kernel's spectrum "
        "explains the angle. b: of ReLU ResNets the closed form is a lower bound. c: in the MLP "
        "half the units are off and the least singular value is 0.",
    )
    return figure
