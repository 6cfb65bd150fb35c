"""How often `layeratlas why` is right, and how long it takes.

    python benchmarks/why.py [--cubes 500] [--diagrams 20]

Perturbed synthetic grids (4 × 3 cells, 3 seeds, 5 layers, five kinds of claims): right is an answer
whose change turns the verdict as told, judged by plain numpy, while 3 % less does not; smallest,
one that no change of any number, tried by factors of 1.03, undercuts. Then claims of the phase
diagram on synthetic panels at the laptop's grid, judged anew by `papers.check`.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from made import synthetic, turnable

from layeratlas import papers, tables
from layeratlas.claims.asking import Name, naming
from layeratlas.claims.claim import NOT_APPLICABLE
from layeratlas.claims.turning.explaining import Why, explain

RATIO = 1.03


def made_up(count: int) -> None:
    right = smallest = none = 0
    seconds = []
    for seed in range(count):
        id = list(turnable.DECIDES)[seed % len(turnable.DECIDES)]
        values = turnable.numbers(np.random.default_rng(seed))
        start = time.process_time()
        cubes = {turnable.EXPERIMENT: turnable.cube(values)}
        why = explain(turnable.judge, cubes, Name(id, "grid"))
        seconds.append(time.process_time() - start)
        least = turnable.naive(id, values, RATIO)
        if why.change is None:
            none += 1
            right += least is None
            smallest += least is None
            continue
        at, by = why.change.at, why.change.by
        turned = turnable.verdict(id, turnable.moved(values, at, by))
        less = turnable.verdict(id, turnable.moved(values, at, 0.97 * by))
        right += turned == why.change.becomes and less == why.claim.verdict
        smallest += least is not None and least / RATIO / 1.02 <= why.change.units <= least * 1.02
    print(
        f"{count} grids: {right / count:.1%} right, {smallest / count:.1%} smallest, {none} of none"
    )
    _tell(seconds)


def diagrams(count: int) -> None:
    """Panels of the phase diagram, each with chance of its own; a claim of each in turn."""
    right, seconds = [], []
    function = tables.resolve(papers.lookup("phase_diagram").claims)
    references = {synthetic.DIGITISED: synthetic.REFERENCE}
    for seed in range(count):
        random = np.random.default_rng(seed)
        cubes = synthetic.theory_cubes(
            synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3, scatter=0.1, preset="laptop"
        )
        for cube in cubes.values():
            values = cube["layers/data_separation"].values
            values += random.normal(0, 0.1, values.shape)
        with naming() as names:
            function(cubes, references)
        name = names[seed % len(names)]
        start = time.process_time()
        why = explain(lambda others: function(others, references), cubes, name)
        if why.claim.verdict != NOT_APPLICABLE:
            seconds.append(time.process_time() - start)
            right.append(_is_right(why, name, cubes, references))
    print(f"{len(right)} claims of phase diagrams: {np.mean(right):.1%} right")
    _tell(seconds)


def _is_right(why: Why, name: Name, cubes, references) -> bool:
    """By `papers.check`, on copies in double precision."""
    if why.change is None:
        return True
    told = []
    for factor in (1.0, 0.97):
        changed = {key: cube.copy(deep=True) for key, cube in cubes.items()}
        tree = changed[why.change.experiment]
        node, _, variable = why.change.variable.rpartition("/")
        data = tree[why.change.variable].astype(float)
        data.loc[why.change.at] += factor * why.change.by
        dataset = tree[node].to_dataset(inherit=False)
        tree[node].dataset = dataset.assign({variable: data.variable})
        found = papers.check("phase_diagram", changed, references)
        told.append(next(c.verdict for c in found if Name(c.id, c.subject) == name))
    return told == [why.change.becomes, why.claim.verdict]


def _tell(seconds: list[float]) -> None:
    middle, late = np.percentile(seconds, [50, 95])
    print(f"  CPU seconds a claim: median {middle:.2f}, 95 % {late:.2f}, most {max(seconds):.2f}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cubes", type=int, default=500)
    parser.add_argument("--diagrams", type=int, default=20)
    given = parser.parse_args()
    made_up(given.cubes)
    diagrams(given.diagrams)
