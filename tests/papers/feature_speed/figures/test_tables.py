"""Tables of scalings: their formulas, and the exponents beside them."""

from __future__ import annotations

from layeratlas.networks.scalings import table as scaling_table
from layeratlas.papers.feature_speed.figures import tables
from layeratlas.papers.feature_speed.orders import exponent_errors, exponents


def test_a_table_is_the_formulas_of_the_scalings(probed):
    made = tables.hp_mlp_table(probed.cubes("hp_mlp"))
    assert len(made.groups) == 3
    for name, group in zip(("ntk", "mf_mup", "fsc"), made.groups, strict=True):
        for setting, std, rate in zip(("dense", "sparse"), group[::2], group[1::2], strict=True):
            scaling = scaling_table(name, 10, 100, 20, 5, setting=setting)
            for i, row in enumerate((scaling.input, scaling.hidden, scaling.output)):
                assert std[3 + i] == f"${row.std_formula}$"
                assert rate[3 + i] == f"${row.learning_rate_formula}$"


def test_the_paper_s_tables_as_text(probed):
    made = tables.hp_resnet_table(probed.cubes("hp_resnet"))
    markdown, latex = made.to_markdown(), made.to_latex()
    rows = sum(map(len, made.groups))
    body = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(body) == rows + 2
    assert {line.count("|") for line in body} == {len(made.header) + 1}
    assert latex.count(r" \\") == rows + 1
    assert latex.count("{") == latex.count("}")
    assert latex.count("$") % 2 == 0
    assert latex.isascii()


def test_measured_exponents_stand_above_those_of_the_paper(probed):
    cubes = probed.cubes("hp_resnet")
    at = {"branch_rule": "1/L", "setting": "sparse"}
    found, errors = (of(cubes["hp_resnet"], at) for of in (exponents, exponent_errors))
    measured, published = tables.hp_resnet_table(cubes).groups[1][2:]
    assert measured[:2] == [r"$\beta=1/L$", "sparse"]
    shown = [("S", 0), ("S", 1), ("loss", 0)]
    for cell, (name, k) in zip(measured[-3:], shown, strict=True):
        value, error = found[name][k], errors[name][k]
        star = "*" if abs(value) > 0.1 else ""
        assert cell.replace("−", "-") == f"{value:+.2f} ± {error:.2f}{star}"
    assert published[-3:] == ["(0)"] * 3


def test_what_departs_from_the_paper_has_a_star():
    assert tables._measured(-0.35, 0.02, 0.0) == "−0.35 ± 0.02*"
    assert tables._measured(0.42, 0.02, 0.5) == "+0.42 ± 0.02"
    # Of one draw there is no spread to tell.
    assert tables._measured(-0.65, float("nan"), -0.5) == "−0.65*"
