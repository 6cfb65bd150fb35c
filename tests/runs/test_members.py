"""Settings taken apart and put together again are the same settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made.experiments import EXPERIMENTS

from layeratlas.config.expansion import expand
from layeratlas.config.experiments import load_experiments
from layeratlas.kinds import KINDS
from layeratlas.runs.members import at, has, shared_settings, together
from layeratlas.runs.run import canonical_json, run_id

NAMES = ("a", "b", "c")
VALUES = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-1, 1) | st.text(max_size=2)
SECTIONS = st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=3)


@given(
    st.dictionaries(st.sampled_from(NAMES), SECTIONS | VALUES, min_size=1),
    st.dictionaries(
        st.sampled_from(["m", "n"]),
        st.tuples(st.sampled_from(NAMES))
        | st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)),
    ),
)
def test_apart_and_together(settings, members):
    paths = sorted(members.values())
    if any(len(p) == 1 and q[:1] == p and q != p for p in paths for q in paths):
        return  # a setting and one inside it are not both members
    if any(len(p) == 2 and not isinstance(settings.get(p[0], {}), dict) for p in paths):
        return  # where one run has a section all have
    before = canonical_json(settings)
    own = {name: at(settings, path) for name, path in members.items() if has(settings, path)}
    shared = shared_settings(settings, members)
    assert canonical_json(together(shared, own, members)) == before == canonical_json(settings)
    assert not any(has(shared, path) for path in members.values())


def test_what_leads_through_no_section_is_refused():
    with pytest.raises(ValueError, match="'b' is no setting of a section"):
        together({"a": 3}, {"m": 1}, {"m": ("a", "b")})


@pytest.mark.parametrize("preset", ["smoke", "laptop"])
def test_an_id_is_the_hash_of_what_is_put_together(preset):
    for experiment in load_experiments(preset, EXPERIMENTS).values():
        members = KINDS[experiment.kind].members
        for run in expand(experiment)[::97]:
            own = {n: at(run.settings, p) for n, p in members.items() if has(run.settings, p)}
            shared = shared_settings(run.settings, members)
            assert run_id(together(shared, own, members)) == run.id
