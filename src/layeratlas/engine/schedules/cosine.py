"""Half a cosine from the full rate to a last one (Loshchilov and Hutter 2017, without restarts)."""

from __future__ import annotations

import math


def factor(step: int, epoch: int, totals, settings) -> float:
    """f + (1 − f)(1 + cos πx)/2, x = (t − 1 − a)/(T − a) in [0, 1] at step t = 1, …, T.

    f = `final`, a = `after`: behind a warm-up of a steps the fall begins where that ends.
    """
    final, after = settings["final"], settings["after"]
    x = min(max(step - 1 - after, 0) / max(totals.steps - after, 1), 1.0)
    return final + (1 - final) * (1 + math.cos(math.pi * x)) / 2
