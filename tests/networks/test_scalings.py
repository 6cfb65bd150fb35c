"""Scalings: the paper's cells, the relations between rows, refusals."""

import functools
import math
import re

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.parsing.sympy_parser import T, convert_xor, implicit_multiplication, parse_expr

from layeratlas.networks.scalings import SCALINGS, SETTINGS, ScalingError, branch_scale, table

SYMBOLS = {name: sympy.Symbol(name, positive=True) for name in ("L", "m", "d", "k", "beta")}

L, m, d, k = 16, 100, 25, 4
CELLS = {
    "ntk": (
        (1 / 5, math.sqrt(2 / m), 2 / 10),
        (1 / (L * d), 1 / (L * m), k / (L * m)),
    ),
    "mf_mup": ((1 / 5, math.sqrt(2 / m), 2 / m), (m / (64 * d), 1 / 64, k / (64 * m))),
    "fsc": ((1 / 5, math.sqrt(2 / m), 8 / m), (m / (256 * d), 1 / 256, k / (L * m))),
    "mup": ((1 / 5, math.sqrt(2 / m), 2 / m), (m / d, 1.0, k / m)),
    "default": ((1 / math.sqrt(3 * d), 1 / math.sqrt(3 * m), 1 / math.sqrt(3 * m)), (1, 1, 1)),
    "kaiming": ((math.sqrt(2 / d), math.sqrt(2 / m), math.sqrt(2 / m)), (1, 1, 1)),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells(name):
    t = table(name, L, m, d, k)
    std, rate = CELLS[name]
    rows = (t.input, t.hidden, t.output)
    np.testing.assert_allclose([r.std for r in rows], std, rtol=1e-14)
    np.testing.assert_allclose([r.learning_rate for r in rows], rate, rtol=1e-14)
    assert t.stds.shape == t.learning_rates.shape == (L,)
    assert (t.stds[1:-1] == t.hidden.std).all() and t.stds[-1] == t.output.std


@pytest.mark.parametrize(("beta", "hidden"), [(0.25, 1.0), (1 / 16, 16.0)])
def test_residual_cells(beta, hidden):
    t = table("resnet_fsc", L, m, d, k, beta)
    rows = (t.input, t.hidden, t.output)
    np.testing.assert_allclose([r.std for r in rows], (1 / 5, math.sqrt(2 / m), 2 / m))
    np.testing.assert_allclose(
        [r.learning_rate for r in rows], (m / (L * d), hidden, k / (L * m)), rtol=1e-14
    )
    assert table("resnet_fsc", L, m, d, k, beta, negative_slope=1.0).hidden.std == 0.1


@pytest.mark.parametrize("name", [n for n in SCALINGS if n not in ("default", "kaiming")])
def test_sparse_is_dense_with_one_input_and_one_output(name):
    beta = 0.2 if name == "resnet_fsc" else None
    sparse = table(name, L, m, d, k, beta, setting="sparse")
    dense = table(name, L, m, 1, 1, beta)
    np.testing.assert_array_equal(sparse.stds, dense.stds)
    np.testing.assert_array_equal(sparse.learning_rates, dense.learning_rates)
    assert not any("d" in r.learning_rate_formula or "k" in r.std_formula for r in sparse.rows)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", SCALINGS)
@given(
    depth=st.integers(3, 500), width=st.integers(1, 5000), n_inputs=st.integers(1, 4000),
    n_outputs=st.integers(1, 100), c=st.floats(0.05, 1.0),
    slope=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)  # fmt: skip
def test_formulas_give_the_numbers(name, setting, depth, width, n_inputs, n_outputs, c, slope):
    """The LaTeX of every cell, read back, is the function that the cell is computed with."""
    beta = c / math.sqrt(depth) if name == "resnet_fsc" else None
    t = table(name, depth, width, n_inputs, n_outputs, beta, setting=setting, negative_slope=slope)
    at = {"L": depth, "m": width, "d": n_inputs, "k": n_outputs, "beta": beta}
    for row in (t.input, t.hidden, t.output):
        # Constants of the LaTeX have six digits.
        assert read(row.std_formula)(**at) == pytest.approx(row.std, rel=1e-5)
        assert read(row.learning_rate_formula)(**at) == pytest.approx(row.learning_rate, rel=1e-12)


@functools.cache
def read(latex: str):
    """LaTeX as tables print it, as a function of L, m, d, k, beta."""
    text = re.sub(r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)", latex)
    text = re.sub(r"\^\{([^{}]*)\}", r"^(\1)", text).replace("\\beta", "beta")
    assert not set("\\{}") & set(text), text
    expression = parse_expr(text, SYMBOLS, (*T[:4], implicit_multiplication, convert_xor))
    return sympy.lambdify(list(SYMBOLS.values()), expression, "math")


def test_a_formula_that_is_another_is_noticed():
    at = {"L": 16, "m": 100, "d": 25, "k": 4, "beta": 0.2}
    assert read(r"k/(L^{3/2} m)")(**at) == 4 / 6400
    assert read(r"1/(L \beta^2)")(**at) == pytest.approx(1 / (16 * 0.04))
    assert read(r"\sqrt{k L}/m")(**at) == 0.08


def test_at_fixed_depth_three_scalings_agree():
    ratios = [
        table(name, 5, width, 10, 2).learning_rates / table("mup", 5, width, 10, 2).learning_rates
        for name in ("mf_mup", "fsc")
        for width in (50, 5000)
    ]
    np.testing.assert_allclose(ratios[0], ratios[1])
    np.testing.assert_allclose(ratios[2], ratios[3])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fsc", 2, 10, 3, 1), "depth must be at least 3"),
        (("resnet_fsc", 10, 10, 3, 1, 1.5), "branch_scale must lie in"),
        (("resnet_fsc", 10, 10, 3, 1, -0.1), "branch_scale must lie in"),
        (("resnet_fsc", 10, 10, 3, 1), "needs a positive branch_scale"),
        (("resnet_fsc", 100, 10, 3, 1, 0.9), "of order 1/sqrt"),
        (("fsc", 10, 10, 3, 1, 0.3), "'fsc' is not defined for architecture 'residual_mlp'"),
        (("fcs", 10, 10, 3, 1), "scaling 'fcs' is unknown"),
        (("fsc", 10, 0, 3, 1), "width must be at least 1"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(ScalingError, match=message):
        table(*arguments)


def test_refuses_a_convolutional_network_and_a_setting():
    with pytest.raises(ScalingError, match="'fsc' is not defined for architecture 'block_cnn'"):
        table("fsc", 10, 10, 3, 1, architecture="block_cnn")
    with pytest.raises(ScalingError, match="setting must be one of"):
        table("fsc", 10, 10, 3, 1, setting="moist")
    assert table("edge_of_chaos", 5, 9, 3, 1).name == "kaiming"


@pytest.mark.parametrize(
    ("rule", "beta"),
    [("1/L", 0.01), ("0.5/sqrt(L)", 0.05), ("2 / sqrt(L)", 0.2), ("1", 1.0), ("0.999", 0.999),
     (0.3, 0.3), (0, 0.0)],
)  # fmt: skip
def test_branch_scale_by_rule(rule, beta):
    assert branch_scale(rule, 100) == pytest.approx(beta, rel=1e-15)


@pytest.mark.parametrize(
    "rule", ["L", "1/l", "sqrt(L)", "-1/L", "1/L/L", "", "nan", "2", 1.5, -0.1]
)
def test_wrong_branch_scales_are_refused_by_name(rule):
    with pytest.raises(ScalingError, match="branch_scale must"):
        branch_scale(rule, 100)


def test_a_rule_beyond_one_names_the_depth():
    with pytest.raises(ScalingError, match=r"4/sqrt\(L\) \(1\.33333 at depth 9\)"):
        branch_scale("4/sqrt(L)", 9)


@pytest.mark.parametrize("slope", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("name", SCALINGS)
def test_a_slope_lowers_the_gain_by_its_square(name, slope):
    """2/(1 + s²) of the inputs' variance, so that a leaky ReLU keeps the scale of features."""
    size = {"depth": 4, "width": 50, "n_inputs": 20, "n_outputs": 3}
    if name == "resnet_fsc":
        size["branch_scale"] = 0.5
    found = table(name, **size, negative_slope=slope)
    if name != "default":
        assert found.hidden.std == pytest.approx((2 / (1 + slope**2) / 50) ** 0.5, rel=1e-12)
    if name == "kaiming":
        assert found.input.std == pytest.approx((2 / (1 + slope**2) / 20) ** 0.5, rel=1e-12)
