"""Planted mistakes: would the tests see a wrong number?

A table a room lists mistakes as a hostile reviewer would make them: a few characters of one file
of the package, what they become, and what that means. `make test` holds that every one can still
be planted in today's source (`test_tables.py`); that none survives is a slow test
(`test_planting.py`) and a command, which names the test that saw each:

    python -m tests.mistakes                       # all, two at a time, about 20 minutes
    python -m tests.mistakes --only engine/loop    # those of files whose path has this in it
    python -m tests.mistakes --widely              # look in the whole room's tests, too

A mistake that survives asks for a test in the mirrored file. One that changes nothing that can be
observed (an equivalent mutant) does not belong here.
"""
