"""`python -m tests.mistakes`: plant them, run the tests, say which test saw each."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from .planting import clean_copy, failing, outcomes
from .tables import MISTAKES


def main() -> int:
    """0 where every mistake is seen, 1 where one survives, 2 where none could be judged."""
    parser = argparse.ArgumentParser(prog="python -m tests.mistakes", description=__doc__)
    parser.add_argument("--only", default="", help="part of a file's path or of a meaning")
    parser.add_argument("--widely", action="store_true", help="then the whole room's tests")
    parser.add_argument("--unchecked", action="store_true", help="skip the tests without mistakes")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    chosen = [mistake for mistake in MISTAKES if asked.only in mistake.name]
    start, survived, rooms = time.monotonic(), [], Counter()
    with clean_copy() as clean:
        if not asked.unchecked:
            wrong = failing(clean, (test for mistake in chosen for test in mistake.must_see))
            if wrong:
                print(f"{wrong} fails without any mistake: nothing can be judged")
                return 2
            print(f"without mistakes all tests pass ({time.monotonic() - start:.0f} s)", flush=True)
        for done in outcomes(chosen, clean, widely=asked.widely, workers=asked.workers):
            rooms[done.mistake.file.partition("/")[0]] += 1
            survived += [done.mistake] if done.survived else []
            told = f"seen by {done.seen_by}" if done.seen_by else "SURVIVED"
            print(f"{done.seconds:5.1f} s  {done.mistake.name}\n         {told}", flush=True)
    print(f"{len(survived)} of {len(chosen)} survived ({time.monotonic() - start:.0f} s)")
    print(", ".join(f"{room} {count}" for room, count in sorted(rooms.items())))
    for mistake in survived:
        print(f"  {mistake.name}")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
