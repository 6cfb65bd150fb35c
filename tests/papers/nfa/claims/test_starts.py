"""Claims on starts hold of networks that start where they are said to, and fail of others."""

from __future__ import annotations

from made.beyond import start_cube, start_cubes

from layeratlas import papers


def verdicts(**changes):
    found = papers.check("nfa_initialisation", start_cubes(**changes))
    return {(c.id, c.subject): c.verdict for c in found}


def test_what_is_made_so_holds():
    found = verdicts()
    assert found["finite_width", "MLP, digits, width 128"] == "holds"
    assert found["measured_ranks", "MLP, digits, width 64"] == "holds"
    assert found["alike", "MLP, digits, width 128"] == "holds"
    assert found["gain", "chain monomials"] == "holds"
    # Masks that outputs share are not in it.
    assert found["mean_field", "MLP, digits, width 128"] == "fails"
    assert found["finite_width", "MLP, digits, width 64"] == "not applicable"


def test_other_starts_fail():
    found = verdicts(nfa_initialisation=start_cube("digits", wrong=-0.1))
    assert found["finite_width", "MLP, digits, width 128"] == "fails"
    assert found["measured_ranks", "MLP, digits, width 64"] == "fails"
    cube = start_cube("chain_monomial", outputs=1, gains=(0.25, 1))
    node = cube["affine"].to_dataset(inherit=False)
    node["uc_nfc"][{"init_gain": 0, "affine": 1, "seed": 0}] += 0.001
    cube["affine"].dataset = node
    assert verdicts(nfa_initialisation_chain=cube)["gain", "chain monomials"] == "fails"
