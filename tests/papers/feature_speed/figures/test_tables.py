"""Tables of scalings: their formulas, and the exponents beside them."""

from __future__ import annotations

from layeratlas.networks.scalings import table as scaling_table
from layeratlas.papers.feature_speed.figures import tables
from layeratlas.papers.feature_speed.orders import exponents


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


def test_measured_exponents_stand_beside_those_of_the_paper(probed):
    cubes = probed.cubes("hp_resnet")
    found = exponents(cubes["hp_resnet"], {"branch_rule": "1/L", "setting": "sparse"})
    row = tables.hp_resnet_table(cubes).groups[1][2]
    assert row[:2] == [r"$\beta=1/L$", "sparse"]
    S, loss = found["S"], found["loss"]
    assert row[-2].replace("−", "-") == f"{S[0]:+.2f} (0), {S[1]:+.2f} (0)"
    assert row[-1].replace("−", "-") == f"{loss[0]:+.2f} (0)"
