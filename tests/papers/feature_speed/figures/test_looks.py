"""Labels and colours: the paper's order, and no two alike."""

from __future__ import annotations

from layeratlas.papers.feature_speed.figures import looks


def test_rules_stand_in_the_order_of_the_paper_and_others_behind():
    given = ["0.7", "1", "1/L", "3/L", "0.5/sqrt(L)"]
    assert looks.rules(given) == ["1/L", "0.5/sqrt(L)", "1", "0.7", "3/L"]
    # The published series called 1 has 0.999.
    assert looks.rules(["0.999", "1/L"]) == ["1/L", "0.999"]
    assert looks.of_rule("0.999") == looks.of_rule("1")
    assert looks.mlp_rule(["1/L", "0.999"]) == "0.999"
    assert looks.mlp_rule(["1/L"]) == "1"


def test_scalings_stand_in_the_order_of_the_paper_and_others_behind():
    assert looks.scalings({"kaiming", "fsc", "ntk"}) == ["ntk", "fsc", "kaiming"]
    assert looks.of_scaling("mf_mup").label == "MF+µP"
    assert looks.of_scaling("unheard_of").label == "unheard_of"


def test_things_beside_each_other_have_their_own_colour():
    for named, of in (
        (["1/L", "0.5/sqrt(L)", "1/sqrt(L)", "2/sqrt(L)", "1", "0.3"], looks.of_rule),
        (["ntk", "mf_mup", "fsc", "resnet_fsc", "kaiming"], looks.of_scaling),
    ):
        assert len({of(name).colour for name in named}) == len(named)
