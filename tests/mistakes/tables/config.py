"""What planning reads and what it takes on trust: faults that would then reach no refusal."""

from __future__ import annotations

from ..mistake import Mistake

EXPERIMENTS, REMEMBERING = "config/experiments.py", "config/remembering.py"

MISTAKES = (
    Mistake(
        EXPERIMENTS,
        "KINDS[experiment.kind].check_among(experiment, self._alone, where)",
        "KINDS[experiment.kind].check_among(experiment, self, where)",
        "in a circle the other experiment is refused, not the one that was asked for",
    ),
    Mistake(
        EXPERIMENTS,
        "        for name in self:\n            self[name]",
        "        for name in ():\n            self[name]",
        "what an experiment cannot do with the others is told when it is its turn",
    ),
    Mistake(
        REMEMBERING,
        'add("preset", preset.encode())',
        'add("preset", b"")',
        "a folder that is right at one size is taken for right at all",
    ),
    Mistake(
        REMEMBERING,
        "add(path.name, read_bytes(path, MOST_BYTES))",
        'add("", read_bytes(path, MOST_BYTES))',
        "an experiment of another name is taken for the one that was checked",
    ),
    Mistake(
        REMEMBERING,
        "add(place, Path(_ROOT, place).read_bytes())",
        'add(place, b"")',
        "what other code found right is right for good",
    ),
    Mistake(
        REMEMBERING,
        "add(place, digest.encode())",
        'add(place, b"")',
        "an extension that changed is not asked again",
    ),
    Mistake(
        REMEMBERING,
        "for name in known.outside:",
        "for name in ():",
        "a data file that was replaced is refused in the job, not before it",
    ),
    Mistake(
        REMEMBERING,
        "if key is not None and key == _key(preset, folder):",
        "if key is not None:",
        "a file that was saved while others were checked passes unchecked",
    ),
    Mistake(
        REMEMBERING,
        "if not isinstance(document, dict) or not check_seal(document, memory):",
        "if not isinstance(document, dict):",
        "a memory without a seal, of whoever wrote it, is believed",
    ),
)
