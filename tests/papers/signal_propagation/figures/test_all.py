"""What holds for every figure of the paper over layers and depths."""

from __future__ import annotations

import numpy as np
import pytest
from made import signal_figures
from made.counted import check_counts
from made.depth_figures import OVER_DEPTHS
from made.often import often
from made.rendered import WIDTHS, check_at_widths, check_rendered
from made.turned import backwards

from layeratlas import papers
from layeratlas.figures import style
from layeratlas.papers.signal_propagation import FIGURES
from layeratlas.workflow.fingerprints import closure

ROOM = "layeratlas.papers.signal_propagation.figures."
#: Modules that drawings share.
SHARED = {f"{ROOM}looks", f"{ROOM}along"}


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.fixture(scope="module")
def cubes():
    """Cubes of each figure."""
    return signal_figures.figure_cubes()


NAMES = papers.PAPERS["signal_propagation"]


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_referee_finds_nothing(cubes, name, widths):
    told = style.noted(check_at_widths(widths, name, cubes[name]))
    # Preset, data and runs are told once, and what was chosen here.
    assert told.count("Preset laptop: ") == 1 and told.endswith(".")
    assert told.count("n\u00a0=") <= len({c["/"].sizes["seed"] for c in cubes[name].values()})
    if name in OVER_DEPTHS:
        assert any(word in told for word in ("derived here", "chosen here", "released scripts"))


@pytest.mark.parametrize("name", often(NAMES, "alignment_by_depth", "movement", "baratin_spectrum"))
def test_every_claim_counts_runs(cubes, name):
    if name not in ("architectures", "baratin_hierarchy"):
        # Of the rates of a small step the one whose change is clear, of c0 its ends.
        follows = ("peak_follows", "centroid_follows")
        chosen = ("first_order", "another_layers_terms", *follows)
        check_counts(name, cubes[name], chosen=chosen)
        return
    # One network each by itself: these cubes do not say which they are of.
    for key, cube in cubes[name].items():
        check_counts(name, {key: cube.isel(depth=[0], missing_dims="ignore")})


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["odd", "large"])
def test_a_referee_finds_nothing_where_much_is_missing_or_there_is_more(kind):
    for name, one in getattr(signal_figures, f"{kind}_cubes")().items():
        check_rendered(name, one, width=style.PAGE)


@pytest.mark.parametrize("name", often(OVER_DEPTHS, "alignment_by_depth", "movement"))
def test_the_order_of_stored_axes_does_not_show(cubes, name):
    turned = {experiment: backwards(cube) for experiment, cube in cubes[name].items()}
    np.testing.assert_array_equal(
        pixels(papers.draw(name, turned)), pixels(papers.draw(name, cubes[name]))
    )


@pytest.mark.parametrize("entry", FIGURES, ids=[entry.name for entry in FIGURES])
def test_a_figure_imports_its_own_module_and_no_other_of_its_paper(entry):
    """Or an edit of one figure would draw another again."""
    own = entry.function.partition(":")[0]
    used = {name for name in closure(own) if name.startswith(ROOM)}
    assert used - SHARED == {own}
    others = ("layeratlas.papers.spring_block", "layeratlas.papers.feature_speed")
    assert not any(name.startswith(others) for name in closure(own))
