"""A nearly still beginning: the first epochs at a much smaller rate.

Source: Beaglehole, Mitliagkas and Agarwala, "Feature learning as alignment", released code, whose
first epoch runs at 1e-4 (specification §3.1): `{name: warm_epoch, factor: 5.0e-5}` under rate 2.
"""

from __future__ import annotations


def factor(step: int, epoch: int, totals, settings) -> float:
    """f in epochs 1, …, n, then 1; f = `factor`, n = `epochs`."""
    return settings["factor"] if epoch <= settings["epochs"] else 1.0
