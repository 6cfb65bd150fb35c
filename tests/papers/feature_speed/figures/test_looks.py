"""Labels and colours: the paper's order, and no two alike."""

from __future__ import annotations

from layeratlas.figures import palette
from layeratlas.papers.feature_speed.figures import looks


def test_rules_stand_in_the_order_of_the_paper_and_others_behind():
    given = ["0.7", "1", "1/L", "3/L", "0.5/sqrt(L)"]
    assert looks.rules(given) == ["1", "0.5/sqrt(L)", "1/L", "0.7", "3/L"]
    # The published series called 1 has 0.999.
    assert looks.rules(["1/L", "0.999"]) == ["0.999", "1/L"]
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


def test_a_thing_has_the_colour_that_it_has_everywhere():
    assert looks.of_rule("1/sqrt(L)").colour == palette.of("beta 1/sqrt(L)")
    assert looks.of_scaling("fsc").colour == palette.of("fsc")


def test_curves_that_are_equal_show_beside_each_other():
    for shown in (
        [looks.of_scaling(name) for name in ("ntk", "mf_mup", "fsc", "resnet_fsc")],
        list(looks.of_depths([500, 30, 100]).values()),
    ):
        widths = [look.width for look in shown]
        assert widths == sorted(widths, reverse=True)
        assert len(set(widths)) == len(widths)
    assert [look.label for look in looks.of_depths([500, 30]).values()] == ["$L$ = 30", "$L$ = 500"]
