"""Tangent kernels: factors, sums over them, what they are held against."""

from __future__ import annotations

from ..mistake import Mistake

ROOM = "signals/tangent"
FACTORS, SUMS, TARGETS = f"{ROOM}/factors.py", f"{ROOM}/sums.py", f"{ROOM}/targets.py"
WALK, CORRELATIONS = f"{ROOM}/walk.py", f"{ROOM}/correlations.py"

MISTAKES = (
    Mistake(
        FACTORS,
        "    if bias:\n        forward += 1.0\n",
        "",
        "the bias of a dense map has no gradient",
    ),
    Mistake(
        FACTORS, "        _add_gram(kernel, g.sum(2))", "        pass", "that of a convolution"
    ),
    Mistake(
        FACTORS, "        if bias:\n            between += 1.0\n", "", "that between positions"
    ),
    Mistake(
        FACTORS,
        "        whole = a.new_zeros(outputs, n, outputs, n)\n        each = zip("
        "a.chunk(groups, -1), g.chunk(groups, -1), strict=True)",
        "        whole = a.new_zeros(outputs, n, outputs, n)\n        each = [(a, g)]",
        "groups of a convolution read one another's channels",
    ),
    Mistake(
        FACTORS,
        '    gradients = torch.einsum("nsf,cnsf->cnf", a, g)',
        '    gradients = torch.einsum("nsf,cnf->cnf", a, g.sum(2))',
        "positions of a batch norm are summed before their product",
    ),
    Mistake(SUMS, "        weight[-1] = 1.0\n", "", "blocks on the diagonal count twice"),
    Mistake(
        SUMS,
        "        inner -= down - mean",
        "        inner -= 0 * down",
        "kernels are centred on one side",
    ),
    Mistake(
        SUMS,
        "torch.cat([vectors, 2.0 * forms], -1)",
        "torch.cat([vectors, forms], -1)",
        "forms miss what stands above the diagonal",
    ),
    Mistake(
        SUMS,
        "left = float(self._centred) if self._centred > least * self._square else 0.0",
        "left = float(self._centred)",
        "rounding of a kernel that knows no examples apart is taken for a kernel",
    ),
    Mistake(
        TARGETS,
        "    y = (y - y.mean(0)).to(f.dtype)",
        "    y = y.to(f.dtype)",
        "labels are not centred",
    ),
    Mistake(
        TARGETS,
        "permuted = y[orders.to(y.device)].permute(2, 1, 0)",
        "permuted = y[orders.to(y.device)].permute(2, 1, 0).flip(0)",
        "labels change their outputs when they are permuted",
    ),
    Mistake(
        WALK,
        "kernel[:c, :, c] = kernel[c, :, :c].permute(1, 2, 0)",
        "kernel[:c, :, c] = kernel[c, :, :c].permute(1, 0, 2)",
        "blocks above the diagonal are not transposed",
    ),
    Mistake(
        WALK,
        "r2 = np.float64(inner) / at_old.centred_square - 1.0",
        "r2 = np.float64(inner) / at_new.centred_square - 1.0",
        "the growth of a norm is relative to what it became",
    ),
    Mistake(
        CORRELATIONS,
        "    shares = torch.where(there, 1 / norms, 0.0)",
        "    shares = torch.ones_like(norms)",
        "cosines are inner products",
    ),
    Mistake(
        CORRELATIONS,
        "centred = part - part.mean(0)",
        "centred = part",
        "the participation ratio is of examples that are not centred",
    ),
)
