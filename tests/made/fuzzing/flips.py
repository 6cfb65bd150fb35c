"""Flipped bits: is a file that decayed believed by what reads it, and missed by `verify`?"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from made.fuzzing.cases import Cases
from made.fuzzing.judging import names, refused
from made.fuzzing.kinds import KINDS, Kind
from made.fuzzing.zygote import Answer, Reply

HARMLESS, TOLD, VERIFIED, MISSED, FAULT = "harmless", "told", "verified", "missed", "fault"
OUTCOMES = (HARMLESS, TOLD, VERIFIED, MISSED, FAULT)
"""What became of a flipped bit.

- harmless: every answer is as it was, word for word, and nobody said anything
- told: what reads the file refused it, named it in a warning, or makes its result anew
- verified: `verify` names the file, whether or not an answer is another one
- missed: an answer is another one, without a word, and `verify` is content
- fault: a traceback, or a child that did not answer
"""


@dataclass(frozen=True)
class Flip:
    kind: str
    path: str
    byte: int
    bit: int
    outcome: str
    told: str

    def __str__(self) -> str:
        place = f"{self.path}, bit {self.bit} of byte {self.byte}"
        return f"{self.outcome}: {self.kind} {place}: {self.told}"


class Flipper:
    """Flips bits of one project, whose answers it knows."""

    def __init__(self, cases: Cases):
        self._cases = cases
        self._known: dict[str, dict[str, Answer]] = {}

    def flip(self, name: str, number: int, seed: int = 0, *plants: str) -> list[Flip]:
        """`number` flips over the files of a kind, the same for the same seed."""
        kind, chance = KINDS[name], random.Random(f"{name} {seed}")
        paths = kind.files(self._cases.project)
        assert paths, f"the corpus has no {name}"
        return [self._one(kind, chance.choice(paths), chance, plants) for _ in range(number)]

    def unflipped(self, name: str) -> str:
        """The outcome where no bit is flipped."""
        kind = KINDS[name]
        path = kind.files(self._cases.project)[0]
        content = (self._cases.project / path).read_bytes()
        return self._outcome(kind, path, lambda *asked: self._cases.ask(path, content, asked))[0]

    def _one(self, kind: Kind, path: str, chance: random.Random, plants: tuple[str, ...]) -> Flip:
        content = bytearray((self._cases.project / path).read_bytes())
        byte, bit = chance.randrange(len(content)), chance.randrange(8)
        content[byte] ^= 1 << bit
        # Decay keeps times, and an index that knows a record does not read it again; a copy does.
        same_time = chance.random() < 0.5

        def ask(*questions: str) -> Reply:
            return self._cases.ask(path, bytes(content), questions, *plants, same_time=same_time)

        outcome, told = self._outcome(kind, path, ask)
        return Flip(kind.name, path, byte, bit, outcome, told)

    def _outcome(self, kind: Kind, path: str, ask: Callable[..., Reply]) -> tuple[str, str]:
        reply = ask(*kind.believed, "verify_one")
        if reply.ended:
            return FAULT, reply.ended
        clean, moved, told = self._clean(kind, path), [], False
        for answer in reply.answers:
            if answer.fault:
                return FAULT, f"{answer.question}: {answer.fault.strip().splitlines()[-1]}"
            known = clean[answer.question]
            same = (answer.digest, answer.status) == (known.digest, known.status)
            said = refused(answer) or answer.said
            words = said != (refused(known) or known.said) and names(kind, path, said)
            if words or _starts_anew(answer) or _finds_signed(answer, path):
                told |= words or not same
            elif not same and answer.question != "verify_one":
                moved.append(answer.question)
        # Said by one reader is not said by another: whoever asks that one believes it.
        if moved:
            (verified,) = ask("verify").answers
            if verified.status == 1 and _finds(verified, path):
                return VERIFIED, ", ".join(moved)
            return MISSED, f"another answer to {', '.join(moved)}"
        one = reply.answers[-1]
        if one.status != clean[one.question].status:
            return VERIFIED, "" if told else "seen by it alone"
        return (TOLD if told else HARMLESS), ""

    def _clean(self, kind: Kind, path: str) -> dict[str, Answer]:
        """The answers before anything was spoiled, by question."""
        if path not in self._known:
            content = (self._cases.project / path).read_bytes()
            questions = (*kind.believed, "verify_one")
            reply = self._cases.ask(path, content, questions, same_time=True)
            self._known[path] = {answer.question: answer for answer in reply.answers}
        return self._known[path]


def _finds(verified: Answer, path: str) -> bool:
    """Whether `verify` has something against this file; against an archive, for its manifest."""
    known = {path, path.removesuffix(".json") + ".zarr.zip"}
    rows = json.loads(verified.text)
    wrong = {row["path"] for row in rows if row["status"] not in _NO_FAULT}
    return bool(wrong & known) or Path(path).name in verified.said


_NO_FAULT = ("ok", "unrecorded", "unsealed")


def _finds_signed(answer: Answer, path: str) -> bool:
    """Whether `verify --signers` itself found a file out: only it reads signatures."""
    return answer.question == "verify_signed" and answer.status == 1 and _finds(answer, path)


def _starts_anew(answer: Answer) -> bool:
    """Whether another answer costs work only: what was found damaged is made once more."""
    return answer.question in ("state", "receipts") and answer.text in ("", "null")


def table(flips: Iterable[Flip]) -> str:
    """Counts by kind."""
    counts = Counter((flip.kind, flip.outcome) for flip in flips)
    kinds = list(dict.fromkeys(kind for kind, _ in counts))
    lines = [f"{'kind':12}{'flips':>7}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES)]
    for kind in kinds:
        found = [counts[kind, outcome] for outcome in OUTCOMES]
        lines.append(f"{kind:12}{sum(found):7}" + "".join(f"{n:10}" for n in found))
    total = [sum(counts[kind, outcome] for kind in kinds) for outcome in OUTCOMES]
    lines.append(f"{'all':12}{sum(total):7}" + "".join(f"{n:10}" for n in total))
    return "\n".join(lines)
