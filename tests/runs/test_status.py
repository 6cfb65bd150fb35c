"""The status of a run means the same wherever it is written."""

from __future__ import annotations

import itertools

from layeratlas.cubes import selecting
from layeratlas.runs.status import DIVERGED, EXPLODED, MISSING, OK, SPIKED, STATUS_ATTRIBUTES


def test_flags_name_the_values_in_their_order():
    words = dict(
        zip(
            STATUS_ATTRIBUTES["flag_meanings"].split(),
            STATUS_ATTRIBUTES["flag_values"],
            strict=True,
        )
    )
    assert words == {
        "ok": OK, "diverged": DIVERGED, "missing": MISSING, "exploded": EXPLODED, "spiked": SPIKED,
    }  # fmt: skip
    # As the cubes on disk have them.
    assert words == {"ok": 0, "diverged": 1, "missing": 2, "exploded": 3, "spiked": 4}
    assert all(a != b for a, b in itertools.combinations(words.values(), 2))


def test_reductions_keep_what_is_ok():
    assert selecting.STATUS_OK == OK
