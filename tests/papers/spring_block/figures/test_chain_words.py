"""Notes state the settings that do not vary."""

from __future__ import annotations

from made.readable import plain

from layeratlas.papers.spring_block.chain_cubes import chain_settings
from layeratlas.papers.spring_block.figures.chain_words import parameters_told


def test_fixed_settings_are_told_in_symbols_and_varied_ones_are_not(simulated):
    chain = chain_settings(simulated.cube("spring_phase_diagram"))
    told = plain(parameters_told(chain, ("friction_right", "noise_strength")))
    assert told.startswith("$L$ = 7, $k$ = 1, $y$ = 1, ")
    assert told.endswith("10 000 steps.")
    assert r"$\eta$ = 0.01" in told
    assert r"\mu_\leftarrow" in told
    assert r"\mu_\to" not in told
    even = chain_settings(simulated.cube("first_order_chain"))
    assert r"\mu_\to" in parameters_told(even, ("noise_strength",))
    assert r"\mu_\to" not in parameters_told(even, ("friction_right",))
    second = chain_settings(simulated.cube("second_order_chain_common"))
    told = plain(parameters_told(second, ()))
    assert r"$\mathrm{d}t$ = " in told
    assert r"$\gamma$ = " in told
