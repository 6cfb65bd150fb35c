"""What all claims on springs share: their source, and two precisions.

Cubes hold float32, so what is exact in theory is claimed at `EXACT` here; the integrators
themselves are held to 1e-12 by the project's tests. The numbers of claims (4.3, 4.4, 4.6, 4.10,
4.11) are those of the project's specification of the paper.
"""

from __future__ import annotations

SOURCE = "arXiv 2407.19353, spring–block model"

#: The precision of a cube.
EXACT = 1e-6
#: |CI| below which a curve counts as straight.
STRAIGHT = 0.02
#: What is told of n where chains have no noise.
ALIKE_WITHOUT_NOISE = "without noise all chains are alike"
