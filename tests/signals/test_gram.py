"""Products of a matrix with its own transpose, however it lies in memory."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.signals.gram import of_columns, of_rows

few = st.integers(1, 9)


@given(few, few, few, st.booleans(), st.booleans())
def test_grams_are_the_plain_products(members, rows, columns, turned, strided):
    draw = torch.Generator().manual_seed(rows)
    x = torch.randn(members, rows, columns, dtype=torch.float64, generator=draw)
    x = x.mT.contiguous().mT if turned else x
    x = torch.stack([x, x], -1)[..., 0] if strided else x
    x = x.requires_grad_()
    tight = {"rtol": 1e-13, "atol": 1e-13}
    torch.testing.assert_close(of_rows(x), torch.einsum("mik,mjk->mij", x, x).detach(), **tight)
    torch.testing.assert_close(of_columns(x), torch.einsum("mki,mkj->mij", x, x).detach(), **tight)
    assert not of_rows(x).requires_grad
