"""The table of figures: what it names exists, and what it needs is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas import papers
from layeratlas.config.experiment import load_experiment
from layeratlas.errors import LayerAtlasError
from layeratlas.figures import style
from layeratlas.figures.entry import FigureEntry
from layeratlas.papers.spring_block.panels import DIGITISED
from layeratlas.runs.status import DIVERGED, EXPLODED
from layeratlas.tables import resolve
from layeratlas.workflow.fingerprints import closure

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", papers.FIGURES)
def test_an_entry_names_what_exists(name):
    entry = papers.FIGURES[name]
    assert entry.name == name
    named = (entry.function, entry.claims, entry.animation, entry.table)
    for reference in filter(None, named):
        assert resolve(reference) is not None, reference
    assert callable(resolve(entry.function))
    assert entry.claims is None or callable(resolve(entry.claims))
    for reference in entry.references:
        assert (ROOT / "data/reference" / reference).is_file()
    for experiment in entry.every_experiment:
        load_experiment(experiment, "smoke", ROOT / "config/experiments")
    assert entry.title
    assert entry.caption.endswith(".")
    assert any(entry.paper.removeprefix("arXiv ") in text for text in papers.REFERENCES.values())


def test_every_paper_has_the_title_that_its_reference_has():
    assert papers.TITLES.keys() == papers.PAPERS.keys() == papers.REFERENCES.keys()
    for name, title in papers.TITLES.items():
        assert title.replace("–", "-") in papers.REFERENCES[name]


def test_a_figure_is_of_the_paper_that_lists_it():
    assert papers.paper_of("nfa_fig02") == "nfa"
    assert papers.paper_of("mine") is None


def test_the_readme_lists_every_figure_and_marks_the_costly_ones():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = [line for line in readme.splitlines() if line.startswith("| `")]
    for name, entry in papers.FIGURES.items():
        (line,) = (line for line in table if f"`{name}`" in line)
        assert (f"`{name}` *" in line) == entry.is_costly("laptop")


def test_missing_inputs_and_unknown_figures_are_told(synthetic):
    cubes = synthetic.theory_cubes(synthetic.SMOKE_GRID, synthetic.SMOKE_SLOPES, seeds=1)
    with pytest.raises(LayerAtlasError, match="the figures are phase_diagram, load_uniformity"):
        papers.draw("phase", {})
    with pytest.raises(LayerAtlasError, match="phase_diagram_batch_size"):
        papers.draw("phase_diagram", {})
    for what in (papers.draw, papers.check):
        with pytest.raises(LayerAtlasError, match=DIGITISED):
            what("phase_diagram_fidelity", cubes)
    with pytest.raises(LayerAtlasError, match="no animation"):
        papers.animate("phase_diagram", {}, Path("x.gif"))
    with pytest.raises(LayerAtlasError, match="is no table"):
        papers.tabulate("phase_diagram", {})
    with pytest.raises(LayerAtlasError, match="spring_trajectories"):
        papers.animate("lazy_active", {}, Path("x.gif"))


def test_a_figure_without_claims_makes_none(monkeypatch):
    made = {"f": FigureEntry("f", "x:y", None, ("e",), (), "paper", "T", "C.")}
    monkeypatch.setattr(papers, "FIGURES", made)
    assert papers.check("f", {"e": None}) == []
    with pytest.raises(LayerAtlasError, match=r"needs the experiments \['e'\]"):
        papers.check("f", {})


def test_importing_the_table_loads_nothing_heavy():
    code = (
        "import sys, layeratlas.papers;"
        "heavy = {'matplotlib', 'seaborn', 'xarray', 'pandas', 'numpy', 'rich', 'torch'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def modules(name: str) -> set[str]:
    """What a change of redraws or re-judges a figure."""
    entry = papers.FIGURES[name]
    named = [
        reference.partition(":")[0] for reference in (entry.function, entry.claims) if reference
    ]
    return set(closure(*named))


def test_one_paper_knows_nothing_of_another():
    rooms = ("layeratlas.papers.spring_block.", "layeratlas.papers.feature_speed.")
    for name, entry in papers.FIGURES.items():
        own = entry.function.split("figures.")[0]
        for module in modules(name):
            assert not module.startswith(rooms) or module.startswith(own), (name, module)


@pytest.mark.parametrize(
    ("edited", "kept"),
    [
        ("figures.fitted_cells", ("phase_diagram", "spring_fit_trajectories", "trajectories")),
        ("figures.chains", ("folding_ruler", "spring_phase_diagram", "trajectories")),
        ("figures.cnn", ("sharpness", "phase_diagram")),
        ("figures.panel_words", ("sharpness", "trajectories", "cnn_load_curves")),
        ("claims.trajectories", ("folding_ruler", "spring_phase_diagram")),
        ("claims.phase_diagram", ("load_uniformity", "phase_diagram_fidelity")),
        ("theory", ("phase_diagram", "trajectories", "cnn_load_curves")),
        ("chain_cubes", ("phase_diagram", "load_uniformity", "cnn_load_curves", "sharpness")),
    ],
)
def test_an_edit_redraws_what_uses_it(edited, kept):
    module = f"layeratlas.papers.spring_block.{edited}"
    assert any(module in modules(name) for name in papers.FIGURES)
    for name in kept:
        assert module not in modules(name), name


def test_what_all_papers_share_knows_none():
    import layeratlas.claims
    import layeratlas.figures

    for package in (layeratlas.figures, layeratlas.claims):
        (folder,) = package.__path__
        names = [path.stem for path in Path(folder).glob("*.py") if path.stem != "__init__"]
        found = closure(*(f"{package.__name__}.{name}" for name in names))
        assert not [module for module in found if module.startswith("layeratlas.papers")]


def test_every_figure_and_claim_tells_what_its_means_leave_out(synthetic):
    """Whoever drew or judged it: the words come from one place."""
    cubes = dict(synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3))
    whole = papers.draw("phase_diagram", cubes)
    assert not any("left out" in text.get_text().lower() for text in whole.texts)
    assert not any("left out" in claim.note for claim in papers.check("phase_diagram", cubes))
    cube = cubes["phase_diagram_dropout"]
    root = cube.to_dataset()
    status = root["status"].copy(deep=True)
    status[0, 0, 0], status[1, 0, 0] = EXPLODED, DIVERGED
    cube.dataset = root.assign(status=status)
    told = "phase_diagram_dropout 2 of 36 runs (1 diverged, 1 exploded)"
    (note,) = (t for t in papers.draw("phase_diagram", cubes).texts if t.get_gid() == style.NOTE)
    assert f"Left out of means: {told}." in note.get_text().replace("\n", " ")
    claims = papers.check("phase_diagram", cubes)
    assert claims and all(f"left out of means: {told}" in claim.note for claim in claims)


@pytest.mark.spreads
def test_every_claim_tells_its_standard_error_and_no_name_is_given_twice(monkeypatch):
    from layeratlas.claims.ledger import Ledger

    def judge(cubes, references):
        values, ledger = cubes["e"]["layers"]["x"], Ledger("f", "source")
        ledger.decide("1", "a", "t", ">", 0.0, lambda: (float(values.mean()), values.size, ""))
        again = Ledger("f", "source")
        again.decide("1" if twice else "2", "a", "t", ">", 9.0, lambda: (1.0, 1, ""))
        return [*ledger.claims, *again.claims]

    twice = False
    entry = FigureEntry("f", "made:up", "made:up", experiments=("e",))
    monkeypatch.setattr(papers, "lookup", lambda name: entry)
    monkeypatch.setattr(papers.tables, "resolve", lambda path: judge)
    root = xr.Dataset(coords={"seed": [1, 2, 3]})
    layers = xr.Dataset({"x": ("seed", [-1.0, 4.0, 2.0])})
    cubes = {"e": xr.DataTree.from_dict({"/": root, "/layers": layers})}
    first, second = papers.check("f", cubes)
    assert first.spread == pytest.approx(np.std([-1, 4, 2], ddof=1) / np.sqrt(3))
    # A number of one run has none.
    assert (first.verdict, second.verdict, second.spread) == ("tie", "fails", None)
    twice = True
    with pytest.raises(LayerAtlasError, match="two claims '1' of 'a' in figure 'f'"):
        papers.check("f", cubes)
