"""Many cases of one kind: drawn, asked, judged, and those that fail kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, seed, settings

from made.fuzzing.cases import Cases
from made.fuzzing.judging import Fault, faults
from made.fuzzing.kinds import KINDS, Kind
from made.fuzzing.mutations import spoiled


@dataclass
class Tally:
    """What was asked, and what was wrong."""

    cases: int = 0
    answers: int = 0
    refused: int = 0
    found: list[tuple[Fault, Path]] = field(default_factory=list)

    def told(self) -> str:
        """A line a fault, each kind of fault once, with the file to try it with."""
        first: dict[tuple[str, str, str], tuple[Fault, Path]] = {}
        for fault, path in self.found:
            first.setdefault((fault.what, fault.question, fault.told[-60:]), (fault, path))
        lines = [f"{fault}\n    {path}" for fault, path in first.values()]
        return "\n".join([f"{len(self.found)} faults in {self.cases} cases:", *lines])


def fuzz(
    name: str,
    cases: Cases,
    kept: Path,
    examples: int,
    number: int = 0,
    *plants: str,
    asked: tuple[str, ...] = (),
    most: int = 2,
) -> Tally:
    """`examples` cases of the kind `name`, the same for the same `number`.

    Of each at most `most` of the questions `asked`, those of the kind where none are given.
    Spoiled files of failing cases stay in the folder `kept`.
    """
    kind, tally = KINDS[name], Tally()
    originals = {path: (cases.project / path).read_bytes() for path in kind.files(cases.project)}
    assert originals, f"the corpus has no {name}: {kind.needs}"

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_cases(kind, originals, asked or kind.asked, most))
    def run(case: tuple[str, bytes, tuple[str, ...]]) -> None:
        # Nothing is raised here: what is wrong is counted, and nothing shrunk.
        path, content, questions = case
        reply = cases.ask(path, content, questions, *plants)
        tally.cases += 1
        tally.answers += len(reply.answers)
        tally.refused += sum(a.refused is not None or a.status == 2 for a in reply.answers)
        wrong = list(faults(kind, path, questions, reply))
        if wrong:
            kept.mkdir(parents=True, exist_ok=True)
            file = kept / f"{name}-{number}-{tally.cases}-{Path(path).name}"
            file.write_bytes(content)
            tally.found.extend((fault, file) for fault in wrong)

    run()
    return tally


@st.composite
def _cases(
    draw: st.DrawFn, kind: Kind, originals: dict[str, bytes], asked: tuple[str, ...], most: int
) -> tuple[str, bytes, tuple[str, ...]]:
    path = draw(st.sampled_from(sorted(originals)))
    content = draw(spoiled(kind.form, originals[path]))
    chosen = st.lists(st.sampled_from(asked), min_size=1, max_size=most, unique=True)
    return path, content, tuple(draw(chosen))
