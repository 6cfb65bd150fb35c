"""What is wrong with what came of a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from made.fuzzing import guard
from made.fuzzing.kinds import Kind
from made.fuzzing.zygote import Answer, Reply

LONGEST = 400
"""Characters of a refusal or warning."""


@dataclass(frozen=True)
class Fault:
    """`what` is one of: traceback, hang, memory, outside, stops, unnamed, long, unprintable."""

    what: str
    kind: str
    question: str
    told: str

    def __str__(self) -> str:
        return f"{self.what}: {self.question} of a spoiled {self.kind}: {self.told}"


def faults(kind: Kind, spoiled: str, questions: tuple[str, ...], reply: Reply) -> Iterator[Fault]:
    """All that a reader of hostile files must not do."""
    asked = ", ".join(questions)
    if reply.ended:
        yield Fault("hang", kind.name, asked, reply.ended)
    if reply.peak_kib > guard.MEMORY_KIB:
        yield Fault("memory", kind.name, asked, f"{reply.peak_kib >> 10} MiB")
    for touched in reply.touched:
        yield Fault("outside", kind.name, asked, touched)
    for answer in reply.answers:
        for what, told in _of_answer(kind, spoiled, answer):
            yield Fault(what, kind.name, answer.question, told)


def _of_answer(kind: Kind, spoiled: str, answer: Answer) -> Iterator[tuple[str, str]]:
    if answer.fault:
        yield "traceback", _brief(answer.fault)
        return
    if answer.odd:
        yield "unprintable", answer.odd
    refusal = refused(answer)
    if refusal is not None:
        if answer.question in kind.stops:
            yield "stops", refusal
        if not names(kind, spoiled, refusal):
            yield "unnamed", refusal
    for line in [*answer.said.splitlines(), answer.refused or ""]:
        # The usage of a command is a list, and its own.
        if len(line) > LONGEST and not line.startswith((" ", "usage:")):
            yield "long", f"{len(line)} characters: {line[:100]} …"
    if answer.refused and "\n" in answer.refused:
        yield "long", f"{answer.refused.count(chr(10))} lines: {answer.refused[:200]}"


def refused(answer: Answer) -> str | None:
    """The sentence by which a question was refused, if it was."""
    if answer.refused is not None:
        return answer.refused
    if answer.status == 2:
        return answer.said
    return None


def names(kind: Kind, spoiled: str, refusal: str) -> bool:
    """Whether a refusal names the file that was spoiled (or the archive of a manifest)."""
    if kind.name == "command":
        return True
    if kind.name == "settings":
        return "config" in refusal
    return Path(spoiled).name.split(".")[0] in refusal


def _brief(trace: str) -> str:
    """Where in the package an error came from, and what it says."""
    lines = trace.strip().splitlines()
    ours = [line.strip() for line in lines if "/layeratlas/" in line and "File" in line]
    place = ours[-1].split("/src/")[-1].replace('"', "") if ours else ""
    return f"{lines[-1][:200]} ({place})"
